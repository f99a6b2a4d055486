import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  authenticateWebSocket,
  configureWebSocket,
  getWebSocketClient,
  joinWebSocketRoom,
  leaveWebSocketRoom,
  notifyWebSocketTyping,
  realtimeManager,
  sendWebSocketMessage,
  webSocketToken,
} from '../src/compat/index.ts'
import { createClient, isTautlineError } from '../src/index.ts'
import { createFakeServer, type FakeServer } from '../src/testing/index.ts'

let server: FakeServer
beforeEach(() => {
  vi.useFakeTimers({ now: 1_700_000_000_000 })
  server = createFakeServer({ authenticate: (token) => token?.replace('token of ', '') })
  configureWebSocket(() => createClient({ url: server.url, token: webSocketToken }))
})
afterEach(() => {
  getWebSocketClient().destroy()
  server.close()
  vi.useRealTimers()
})

async function outcome(promise: Promise<unknown>): Promise<string> {
  const said = promise.then(
    () => 'taken',
    (error: unknown) => (isTautlineError(error) ? error.code : String(error)),
  )
  await server.settle()
  return said
}

test('there is one client, made at the first need', () => {
  expect(getWebSocketClient()).toBe(getWebSocketClient())
  expect(realtimeManager.client).toBe(getWebSocketClient())
  expect(getWebSocketClient().state.status).toBe('idle')
})

test('another configuration ends the client before', () => {
  const before = getWebSocketClient()
  configureWebSocket(() => createClient({ url: server.url }))
  expect(getWebSocketClient()).not.toBe(before)
  expect(() => before.connect()).toThrow(/destroyed/)
})

test('authenticating connects, and resolves when the server has taken the token', async () => {
  const taken = outcome(authenticateWebSocket('token of ada'))
  expect(await taken).toBe('taken')
  expect(getWebSocketClient().getConnectionInfo()).toMatchObject({ state: 'connected', user: 'ada' })
})

test('another token is taken over on the living connection', async () => {
  await outcome(authenticateWebSocket('token of ada'))
  const [connection] = server.connections
  expect(await outcome(authenticateWebSocket(async () => 'token of ada'))).toBe('taken')
  expect(server.connections).toEqual([connection])
  expect(connection?.received.map((frame) => (frame as { type: string; token?: string }).token)).toEqual(['token of ada', 'token of ada'])
})

test('a token that the server refuses is a rejection with its reason', async () => {
  server.close()
  server = createFakeServer({ authenticate: () => undefined })
  const refused = authenticateWebSocket('token of nobody').catch((error: { code: string }) => error.code)
  await server.settle()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(await refused).toBe('refused/token-invalid')
})

test('disconnecting while it authenticates is a rejection', async () => {
  server.down()
  const waiting = outcome(authenticateWebSocket('token of ada'))
  await server.settle()
  realtimeManager.disconnect()
  expect(await waiting).toBe('dropped/closed')
})

test('rooms are joined once and left once, and come back after a lost line', async () => {
  await outcome(authenticateWebSocket('token of ada'))
  const room = joinWebSocketRoom<{ message: { text: string } }>('lobby')
  expect(joinWebSocketRoom('lobby')).toBe(room)
  const heard: string[] = []
  const end = room.on('message', ({ text }) => heard.push(text))
  await server.settle()
  const bob = server.join('lobby', { user: 'bob' })
  bob.send('message', { text: 'hi' })
  server.drop()
  await vi.advanceTimersByTimeAsync(5000)
  bob.send('message', { text: 'again' })
  await server.settle()
  expect(heard).toEqual(['hi', 'again'])
  end()
  leaveWebSocketRoom('lobby')
  leaveWebSocketRoom('lobby')
  leaveWebSocketRoom('never joined')
  await server.settle()
  expect(room.status).toBe('idle')
})

test('messages are sent, also before there is a connection, and typing is said', async () => {
  const early = sendWebSocketMessage('lobby', { text: 'early' })
  joinWebSocketRoom('lobby')
  await outcome(authenticateWebSocket('token of ada'))
  sendWebSocketMessage('lobby', { id: 1 }, 'read')
  notifyWebSocketTyping('lobby')
  notifyWebSocketTyping('lobby', false)
  await server.settle()
  expect(early.status).toBe('acked')
  expect(server.messages('lobby').map(({ event, payload }) => [event, payload])).toEqual([
    ['message', { text: 'early' }],
    ['read', { id: 1 }],
  ])
  expect(server.signals('lobby').map(({ event, ttl }) => [event, ttl])).toEqual([
    ['$typing', 6000],
    ['$typing', 0],
  ])
})

test('the manager subscribes, broadcasts, is present and says how the line is', async () => {
  const statuses: string[] = []
  const ends = [realtimeManager.onStatusChange((status) => statuses.push(status))]
  const [all, some, names]: unknown[][] = [[], [], []]
  ends.push(realtimeManager.subscribe('board', (payload, { event }) => all?.push([event, payload])))
  ends.push(realtimeManager.subscribe('board', { moved: (payload) => some?.push(payload) }))
  ends.push(realtimeManager.onPresence('board', (members) => names?.push(members.map(({ state }) => state))))
  const untrack = realtimeManager.track('board', 'ada')
  configureToken()
  realtimeManager.connect()
  await server.settle()
  expect([realtimeManager.isConnected, statuses]).toEqual([true, ['connecting', 'connected']])
  realtimeManager.broadcast('board', 'moved', 1)
  server.publish('board', 'other', 2)
  await server.settle()
  untrack()
  await server.settle()
  expect([all, some, names]).toEqual([[['other', 2], ['moved', 1]], [1], [[], ['ada'], []]])
  for (const end of ends) end()
  await server.settle()
  expect(realtimeManager.client.channel('board').status).toBe('idle')
})

/** The server of these tests wants a token. */
function configureToken(): void {
  void authenticateWebSocket('token of ada')
}

test('before it is configured every function says what is missing', async () => {
  vi.resetModules()
  const fresh = await import('../src/compat/index.ts')
  for (const call of [() => fresh.getWebSocketClient(), () => fresh.joinWebSocketRoom('a'), () => fresh.realtimeManager.status]) {
    expect(call).toThrow(/configureWebSocket/)
  }
})
