// tautline/testing tells the truth: real clients hear the same of it as of the real relay.
import { type Client, createClient } from 'tautline'
import { createToken, publish } from 'tautline/server'
import { createFakeServer } from 'tautline/testing'
import { WebSocket } from 'ws'
import { SECRET } from '../support/token.ts'
import { expect, test } from '../support/world.ts'

const KEY = 'a-key-of-sixteen-or-more'
const ROOM = 'room'

/** What differs between the two: where clients go, and how the application's server and the network act. */
interface Stage {
  readonly url: string
  token(user: string): Promise<string>
  publish(text: string): Promise<unknown>
  drop(): void
}

/** Two people in a room, and everything that the second one hears. Ids and times, which nobody can know, have numbers instead. */
async function play(stage: Stage): Promise<unknown[]> {
  const log: unknown[] = []
  const clients: Client[] = []
  const enter = async (user: string): Promise<Client> => {
    const client: Client = createClient({ url: stage.url, token: await stage.token(user), backoff: { minMs: 20, maxMs: 100 } })
    clients.push(client)
    client.connect()
    await expect.poll(() => client.state.status).toBe('connected')
    return client
  }
  const [ann, bob] = [await enter('ann'), await enter('bob')]
  const names = new Map([ann, bob].map((client) => [client.getConnectionInfo().member, client.getConnectionInfo().user]))
  const [hers, his] = [ann.channel(ROOM), bob.channel(ROOM)]
  his.on('*', (payload, { event, offset, id, from, user, own, replayed, signal }) => {
    log.push({ event, payload, offset, id, from: names.get(from) ?? 'nobody', user, own, replayed, signal })
  })
  his.presence.onChange(({ joined, updated, left }) => {
    log.push([joined, updated, left].map((list) => list.map(({ id, version, state, user }) => [names.get(id), version, state, user])))
  })
  his.onTyping((members) => log.push({ typing: members.map((id) => names.get(id)) }))
  his.onGap(({ lastOffset, nextOffset }) => log.push({ lastOffset, nextOffset }))
  const reaches = (length: number): Promise<void> => expect.poll(() => log.length, JSON.stringify(log)).toBe(length)
  await expect.poll(() => his.status).toBe('subscribed')
  hers.subscribe()
  await expect.poll(() => hers.status).toBe('subscribed')

  hers.presence.track({ mood: 'good' })
  await reaches(1)
  hers.presence.update({ mood: 'bad' })
  await reaches(2)
  const { offset, status } = await hers.send('message', { text: 'hi' }).receipt
  await reaches(3)
  await his.send('blob', new Uint8Array([1, 2, 3])).receipt
  await reaches(4)
  hers.signal('cursor', { x: 1 }, { ttlMs: 1000 })
  await reaches(5)
  hers.typing()
  await reaches(6)
  hers.typing(false)
  await reaches(7)
  await stage.publish('from the server')
  await reaches(8)
  const back = new Promise((resolve) => bob.onLifecycle('welcome', resolve))
  stage.drop()
  await back
  // Else it depends on who is faster whether it comes as what was missed.
  await expect.poll(() => his.status).toBe('subscribed')
  await hers.send('message', { text: 'again' }).receipt
  await reaches(9)
  const page = await his.history({ limit: 3 })
  log.push({ offset, status, more: page.more, page: page.messages.map(({ event, payload, offset, own, binary }) => [event, payload, offset, own, binary]) })
  log.push(await his.request('nothing').catch(({ code }) => code))
  hers.presence.untrack()
  await reaches(12)
  for (const client of clients) client.destroy()
  return log
}

test('two people in a room hear the same from the fake server as from the real relay', async ({ world }) => {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket')
  world.keep(async () => {
    if (before) Object.defineProperty(globalThis, 'WebSocket', before)
    else Reflect.deleteProperty(globalThis, 'WebSocket')
  })
  Object.defineProperty(globalThis, 'WebSocket', { value: WebSocket, configurable: true, writable: true })
  const relay = await world.guardedRelay('--api-key', KEY)
  const proxy = await world.proxy(relay)
  const real = await play({
    url: `ws://127.0.0.1:${proxy.port}/ws`,
    token: (user) => createToken({ secret: SECRET, user, channels: [ROOM] }),
    publish: (text) => publish({ channel: ROOM, event: 'message', payload: { text } }, { url: relay.http, apiKey: KEY }),
    drop: () => proxy.reset(),
  })
  expect(real).toHaveLength(12)

  const server = createFakeServer({ authenticate: (token) => token })
  world.keep(async () => server.close())
  const fake = await play({
    url: server.url,
    token: async (user) => user,
    publish: async (text) => server.publish(ROOM, 'message', { text }),
    drop: () => server.drop(),
  })
  expect(fake).toEqual(real)
})
