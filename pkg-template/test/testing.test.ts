/** The fake server with real clients on the real core. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Channel, type Client, createClient, isTautlineError } from '../src/index.ts'
import { createFakeServer, type FakeServer } from '../src/testing/index.ts'
import { TautlineSocket } from '../src/websocket/index.ts'

type Events = { message: { text: string }; blob: Uint8Array; cursor: { x: number } }

let server: FakeServer<Events>
const clients: Client<Events>[] = []
beforeEach(() => {
  vi.useFakeTimers({ now: 1_700_000_000_000 })
  server = createFakeServer<Events>()
})
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy()
  server.close()
  vi.useRealTimers()
})

/** A client and its room, connected and subscribed. */
async function join(token?: string): Promise<{ client: Client<Events>; room: Channel<Events>; heard: unknown[] }> {
  const client = createClient<Events>({ url: server.url, token })
  clients.push(client)
  const room = client.channel('room', { presence: true })
  const heard: unknown[] = []
  room.on('*', (payload, { own, replayed }) => heard.push(own ? { own: payload } : replayed ? { replayed: payload } : payload))
  client.connect()
  await server.settle()
  return { client, room, heard }
}

async function code(promise: Promise<unknown>): Promise<string> {
  await server.settle()
  return promise.then(
    () => 'fine',
    (error: unknown) => (isTautlineError(error) ? error.code : String(error)),
  )
}

test('a client connects, subscribes and hears what the server publishes, without any time passing', async () => {
  const { client, room, heard } = await join()
  expect([client.state.status, room.status]).toEqual(['connected', 'subscribed'])
  server.publish('room', 'message', { text: 'hi' })
  server.publish('elsewhere', 'message', { text: 'not here' })
  await server.settle()
  expect(heard).toEqual([{ text: 'hi' }])
  expect(server.messages('room')).toEqual([{ channel: 'room', event: 'message', payload: { text: 'hi' }, offset: 1, from: undefined, user: undefined }])
  expect(server.messages()).toHaveLength(2)
})

test('a send is acknowledged, kept, heard by others and by its sender', async () => {
  const [ada, bob] = [await join(), await join()]
  const handle = ada.room.send('message', { text: 'hi' })
  await server.settle()
  expect(handle.status).toBe('acked')
  expect(await handle.receipt).toMatchObject({ epoch: 'epoch-1', offset: 1, time: Date.now() })
  expect([ada.heard, bob.heard]).toEqual([[{ own: { text: 'hi' } }], [{ text: 'hi' }]])
  expect(server.messages('room')[0]).toMatchObject({ from: ada.client.getConnectionInfo().member })
})

test('bytes stay bytes, both ways and in the history', async () => {
  const { room, heard } = await join()
  room.send('blob', new Uint8Array([1, 2]))
  server.publish('room', 'blob', new Uint8Array([3]))
  await server.settle()
  expect(heard).toEqual([new Uint8Array([3]), { own: new Uint8Array([1, 2]) }])
  const page = room.history()
  await server.settle()
  expect((await page).messages.map(({ payload }) => payload)).toEqual([new Uint8Array([3]), new Uint8Array([1, 2])])
})

test('after a lost line the client comes back, sends what waited once, and is replayed what it missed', async () => {
  const { client, room, heard } = await join()
  server.down()
  await server.settle()
  expect(client.state.status).toBe('reconnecting')
  const waiting = room.send('message', { text: 'waits' })
  server.publish('room', 'message', { text: 'missed' })
  await vi.advanceTimersByTimeAsync(5000)
  expect([client.state.status, waiting.status]).toEqual(['reconnecting', 'queued'])
  server.up()
  await vi.advanceTimersByTimeAsync(60_000)
  expect([client.state.status, waiting.status]).toEqual(['connected', 'acked'])
  expect(heard).toEqual([{ replayed: { text: 'missed' } }, { own: { text: 'waits' } }])
  expect(server.messages('room')).toHaveLength(2)
})

test('an acknowledgement that is lost with the line does not double the message', async () => {
  const { room } = await join()
  server.hold()
  const handle = room.send('message', { text: 'once' })
  await server.settle()
  expect([handle.status, server.messages('room').length]).toEqual(['sent', 1])
  server.drop()
  await server.settle()
  server.release()
  await vi.advanceTimersByTimeAsync(60_000)
  expect([handle.status, server.messages('room').length]).toEqual(['acked', 1])
})

test('a server that hangs is found dead, and left', async () => {
  const { client } = await join()
  const causes: (string | undefined)[] = []
  client.onConnectionStateChange(({ cause }) => causes.push(cause?.code))
  server.hold()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(causes).toContain('lost/heartbeat')
  server.release()
  await vi.advanceTimersByTimeAsync(120_000)
  expect(client.state.status).toBe('connected')
})

test('a gap is told to those who are there, and to those who come back', async () => {
  const { room } = await join()
  const gaps: unknown[] = []
  room.onGap((gap) => gaps.push(gap))
  server.publish('room', 'message', { text: 'hi' })
  await server.settle()
  server.gap('room', 3)
  await server.settle()
  expect(gaps).toEqual([{ channel: 'room', lastOffset: 1, nextOffset: 5 }])
  server.down()
  await server.settle()
  server.gap('room')
  server.up()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(gaps.slice(1)).toEqual([{ channel: 'room', lastOffset: 4, nextOffset: 6 }])
})

test('refusals end what they are about, as often as told', async () => {
  const { client, room } = await join()
  const undo = server.refuse('publish', { code: 'forbidden', channel: 'room', times: 1 })
  expect(await code(room.send('message', { text: 'no' }).receipt)).toBe('refused/forbidden')
  expect(await code(room.send('message', { text: 'yes' }).receipt)).toBe('fine')
  undo()
  server.refuse('subscribe', { code: 'channel-limit', channel: 'other', limit: 1 })
  const other = client.channel('other')
  other.subscribe()
  await server.settle()
  expect([other.status, other.error?.code, other.error?.details.limit]).toEqual(['refused', 'refused/channel-limit', 1])
  server.refuse('request', { code: 'unavailable', event: 'history', message: 'busy' })
  expect(await code(room.history())).toBe('refused/unavailable')
})

test('messages that are held back go later and in order', async () => {
  const { room } = await join()
  server.refuse('publish', { code: 'rate-limited', retryInMs: 1000, times: 1 })
  const texts = ['a', 'b', 'c']
  const handles = texts.map((text) => room.send('message', { text }))
  await server.settle()
  expect(server.messages('room')).toEqual([])
  await vi.advanceTimersByTimeAsync(2000)
  expect(handles.map(({ status }) => status)).toEqual(['acked', 'acked', 'acked'])
  expect(server.messages('room').map(({ payload }) => payload)).toEqual(texts.map((text) => ({ text })))
})

test('presence: the client, somebody else, and what becomes of a client whose line drops', async () => {
  const { client, room } = await join()
  const names = (): unknown[] => room.presence.members.map(({ state }) => state)
  room.presence.track('me')
  await server.settle()
  const bob = server.join('room', { user: 'bob', state: 'bob' })
  await server.settle()
  expect(names()).toEqual(['me', 'bob'])
  expect(server.presence('room')).toEqual([
    { id: expect.any(String), state: 'me' },
    { id: bob.id, user: 'bob', state: 'bob' },
  ])
  bob.update('bob is away')
  server.drop()
  await vi.advanceTimersByTimeAsync(5000)
  expect(names()).toEqual(['me', 'bob is away'])
  bob.leave()
  await server.settle()
  expect(names()).toEqual(['me'])
  client.close()
  await server.settle()
  expect(server.presence('room')).toEqual([])
})

test('somebody else sends, signals and types', async () => {
  const { room, heard } = await join()
  const bob = server.join('room', { user: 'bob' })
  const typing: number[] = []
  room.onTyping((members) => typing.push(members.length))
  const users: unknown[] = []
  room.on('message', (_, { user, from }) => users.push([user, from]))
  bob.typing()
  bob.send('message', { text: 'hi' })
  bob.signal('cursor', { x: 1 })
  bob.typing(false)
  await server.settle()
  expect(heard).toEqual([{ text: 'hi' }, { x: 1 }])
  expect(users).toEqual([['bob', bob.id]])
  expect(typing).toEqual([1, 0])
  expect(room.presence.members).toEqual([])
  room.typing()
  room.signal('cursor', { x: 2 })
  await server.settle()
  expect(server.signals('room').map(({ event, payload, ttl }) => [event, payload, ttl])).toEqual([
    ['$typing', undefined, 6000],
    ['cursor', { x: 1 }, undefined],
    ['$typing', undefined, 0],
    ['$typing', undefined, 6000],
    ['cursor', { x: 2 }, undefined],
  ])
})

test('requests are answered by the test, or refused', async () => {
  const { room } = await join()
  server.onRequest('sum', async (payload) => (payload as number[]).reduce((sum, next) => sum + next, 0))
  server.onRequest('broken', () => {
    throw new Error('no')
  })
  const sum = room.request('sum', [1, 2])
  const broken = room.request('broken')
  expect(await code(broken)).toBe('refused/unknown-request')
  expect(await sum).toBe(3)
  expect(await code(room.request('unheard of'))).toBe('refused/unknown-request')
})

test('a token opens the door, and a wrong one does not', async () => {
  server.close()
  server = createFakeServer<Events>({ authenticate: (token) => (token === 'good' ? 'ada' : undefined) })
  const { client } = await join('good')
  expect(client.getConnectionInfo().user).toBe('ada')
  const bad = await join('bad')
  const none = await join()
  await vi.advanceTimersByTimeAsync(60_000)
  expect([bad, none].map(({ client: { state } }) => [state.status, state.cause?.code])).toEqual([
    ['failed', 'refused/token-invalid'],
    ['failed', 'refused/auth-required'],
  ])
})

test('a close code of the server’s has its meaning', async () => {
  const { client } = await join()
  server.drop(4403)
  await server.settle()
  expect(client.state).toMatchObject({ status: 'failed', cause: { code: 'refused/forbidden' } })
})

test('connections tell what clients sent, and a bare socket is the test’s own to speak with', async () => {
  await join()
  const [first] = server.connections
  expect(first?.received.map((frame) => (frame as { type: string }).type)).toEqual(['hello', 'subscribe'])
  const socket = new TautlineSocket('ws://other.test/path', ['own.v1'])
  const heard: unknown[] = []
  socket.onmessage = ({ data }) => heard.push(data)
  socket.send('hello')
  const connecting = server.connection()
  await server.settle()
  const connection = server.connections[1]
  expect(await connecting).toBe(first)
  expect([connection?.url, connection?.protocol, connection?.received]).toEqual(['ws://other.test/path', 'own.v1', ['hello']])
  connection?.send('hello yourself')
  await server.settle()
  expect(heard).toEqual(['hello yourself'])
  socket.close()
})

test('waiting for a connection waits for a welcome', async () => {
  const waiting = server.connection()
  const { client } = await join()
  expect((await waiting).member).toBe(client.getConnectionInfo().member)
})

test('one server at a time, and the global WebSocket comes back', () => {
  const fake = WebSocket
  expect(() => createFakeServer()).toThrow(/still there.*close\(\)/s)
  server.close()
  expect(WebSocket).not.toBe(fake)
  server.close()
  server = createFakeServer<Events>()
  Reflect.deleteProperty(globalThis, 'WebSocket')
})
