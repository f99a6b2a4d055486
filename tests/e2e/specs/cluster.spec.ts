import { expect, test } from '../support/world.ts'

const ROOM = 'room'

test('pages move between three relays of which one after the other is killed, and miss and double nothing', async ({ world }) => {
  const redis = await world.redis()
  const relays = [await world.relay('--redis', redis.url), await world.relay('--redis', redis.url), await world.relay('--redis', redis.url)]
  // Each connection goes to the next one.
  let turn = 0
  const balancer = await world.proxy({
    get port() {
      turn += 1
      return relays[turn % relays.length]!.port
    },
  })
  const [ann, bob] = [await world.actor(), await world.actor()]
  await ann.join(balancer.port, ROOM)
  await bob.join(balancer.port, ROOM)
  await ann.sendNumbers(ROOM, 300, 10)
  await bob.sendNumbers(ROOM, 300, 10)
  for (const relay of [...relays, ...relays]) {
    const before = await ann.acked()
    await relay.kill()
    await relay.start()
    await expect.poll(() => ann.acked(), 'sending goes on').toBeGreaterThan(Math.min(before, 299))
  }
  const all = Array.from({ length: 300 }, (_, index) => index)
  for (const actor of [ann, bob]) {
    await expect.poll(() => actor.acked()).toBe(300)
    await expect.poll(() => actor.heard(ROOM)).toEqual(all)
    expect(await actor.get('gaps')).toEqual([])
  }
  const lost = (await ann.causes()).length + (await bob.causes()).length
  expect(lost, 'connections that were lost').toBeGreaterThan(2)
})

test('a Redis that is killed and comes back breaks no connection, and nothing acknowledged is missed', async ({ world }) => {
  const redis = await world.redis()
  const [one, two] = [await world.relay('--redis', redis.url), await world.relay('--redis', redis.url)]
  const [ann, bob] = [await world.actor(), await world.actor()]
  await ann.join(one.port, ROOM)
  await bob.join(two.port, ROOM)
  await ann.sendNumbers(ROOM, 200, 10)
  await expect.poll(() => ann.acked()).toBeGreaterThan(20)
  await redis.kill()
  await redis.start()
  await expect.poll(() => ann.acked()).toBe(200)
  await expect.poll(() => bob.heard(ROOM)).toEqual(Array.from({ length: 200 }, (_, index) => index))
  for (const actor of [ann, bob]) {
    expect(await actor.get('gaps')).toEqual([])
    expect(await actor.causes()).toEqual([])
  }
})
