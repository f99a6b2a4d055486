import { BEATING, QUICK } from '../support/actor.ts'
import { expect, test } from '../support/world.ts'

const ROOM = 'room'

const track = ({ room, name }: { room: string; name: string }): void => lab.client.channel(room).presence.track({ name })

test('who comes, changes and goes is seen by the others', async ({ world }) => {
  const relay = await world.relay('--presence-grace', '200')
  const [ann, bob] = [await world.actor(), await world.actor()]
  await ann.open(relay.port)
  await ann.page.evaluate((room) => lab.watch(room), ROOM)
  await ann.untilSubscribed()
  await bob.join(relay.port, ROOM)
  await bob.page.evaluate(track, { room: ROOM, name: 'Bob' })
  await expect.poll(() => ann.get('presence')).toEqual({ joined: ['Bob'], updated: [], left: [] })
  await bob.page.evaluate(track, { room: ROOM, name: 'Robert' })
  await expect.poll(() => ann.get('presence')).toEqual({ joined: ['Bob'], updated: ['Robert'], left: [] })
  await bob.page.evaluate(() => lab.client.close())
  await expect.poll(() => ann.get('presence')).toEqual({ joined: ['Bob'], updated: ['Robert'], left: ['Robert'] })
})

test('a reconnect within the grace makes no noise, and a real absence does', async ({ world }) => {
  const relay = await world.relay('--presence-grace', '3000')
  const proxy = await world.proxy(relay)
  const [ann, bob] = [await world.actor(), await world.actor()]
  await ann.open(relay.port)
  await ann.page.evaluate((room) => lab.watch(room), ROOM)
  await ann.untilSubscribed()
  await bob.join(proxy.port, ROOM, BEATING)
  await bob.page.evaluate(track, { room: ROOM, name: 'Bob' })
  await expect.poll(() => ann.get('presence')).toMatchObject({ joined: ['Bob'] })
  proxy.reset()
  await bob.untilSubscribed(2)
  // What Bob says after his return comes after any noise that the return made.
  await bob.send(ROOM, 'message', 'back')
  await expect.poll(() => ann.heard(ROOM)).toEqual(['back'])
  expect(await ann.get('presence')).toEqual({ joined: ['Bob'], updated: [], left: [] })
  proxy.mode = 'refuse'
  proxy.reset()
  await expect.poll(() => ann.get('presence')).toEqual({ joined: ['Bob'], updated: [], left: ['Bob'] })
})

test('somebody who reconnects sees who is there now', async ({ world }) => {
  const relay = await world.relay('--presence-grace', '100')
  const proxy = await world.proxy(relay)
  const [ann, bob, eve] = [await world.actor(), await world.actor(), await world.actor()]
  await ann.open(proxy.port, QUICK)
  await ann.page.evaluate((room) => lab.watch(room), ROOM)
  await ann.untilSubscribed()
  await bob.join(relay.port, ROOM)
  await bob.page.evaluate(track, { room: ROOM, name: 'Bob' })
  await expect.poll(() => ann.get('presence')).toMatchObject({ joined: ['Bob'] })
  proxy.mode = 'refuse'
  proxy.reset()
  await ann.untilStatus('reconnecting')
  await bob.page.evaluate(() => lab.client.close())
  await eve.join(relay.port, ROOM)
  await eve.page.evaluate(track, { room: ROOM, name: 'Eve' })
  proxy.mode = 'pass'
  await expect.poll(() => ann.get('presence')).toEqual({ joined: ['Bob', 'Eve'], updated: [], left: ['Bob'] })
})

test('typing is seen while it lasts and ends by itself', async ({ world }) => {
  const relay = await world.relay()
  const [ann, bob] = [await world.actor(), await world.actor()]
  await ann.open(relay.port)
  await ann.page.evaluate((room) => lab.watchTyping(room), ROOM)
  await ann.untilSubscribed()
  await bob.join(relay.port, ROOM)
  await bob.page.evaluate((room) => lab.client.channel(room).typing(), ROOM)
  await expect.poll(() => ann.get('typing')).toEqual([1])
  await bob.page.evaluate((room) => lab.client.channel(room).typing(false), ROOM)
  await expect.poll(() => ann.get('typing')).toEqual([1, 0])
  await bob.page.evaluate((room) => lab.client.channel(room).typing(), ROOM)
  await expect.poll(() => ann.get('typing')).toEqual([1, 0, 1])
  // Nobody says that it stopped.
  await bob.page.close()
  await expect.poll(() => ann.get('typing')).toEqual([1, 0, 1, 0])
})
