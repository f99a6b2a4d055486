import { expect, test, vi } from 'vitest'
import type { ClientOptions } from '../src/options.ts'
import { LATENCY, PROBLEM, TOKEN, WELCOME } from '../src/core.ts'
import { connectFake, createFake, FakeCore } from './fake-core.ts'

test('the state is a frozen object that is the same until it changes', () => {
  const client = createFake()
  const idle = client.state
  expect(createFake().state).toBe(idle)
  const seen: unknown[] = []
  client.onConnectionStateChange((state) => seen.push(state))
  client.connect()
  const core = FakeCore.last
  const connecting = client.state
  core.state(1)
  expect(client.state).toBe(connecting)
  core.state(3, 26, 1500)
  core.state(3, 26, 0)
  core.state(2)
  core.state(5, 15)
  expect(seen).toMatchObject([
    { status: 'connecting' },
    { status: 'reconnecting', cause: { code: 'lost/heartbeat', retryable: true }, retryInMs: 1500 },
    { status: 'reconnecting', retryInMs: 0 },
    { status: 'connected' },
    { status: 'failed', cause: { code: 'refused/forbidden' } },
  ])
  expect(seen.every(Object.isFrozen)).toBe(true)
  expect(seen.at(-1)).toBe(client.state)
})

test('each verb reaches the core, and none makes one but connect', () => {
  const load = vi.fn(() => FakeCore)
  const client = createFake({}, load)
  client.close()
  client.retry()
  client.refreshToken()
  expect(load).not.toHaveBeenCalled()
  client.connect()
  client.retry()
  client.refreshToken()
  client.close()
  client.connect()
  expect(FakeCore.last.calls.map((call) => call[0])).toEqual(['connect', 'retry', 'refresh', 'close', 'connect'])
  expect(load).toHaveBeenCalledOnce()
})

test('each client has a session and a seed of its own, unless it is given one', () => {
  createFake().connect()
  const { session, seed } = FakeCore.last.options
  expect(session).toMatch(/^[\d-]{16,64}$/)
  createFake().connect()
  expect(FakeCore.last.options.session).not.toBe(session)
  expect(FakeCore.last.options.seed).not.toBe(seed)
  createFake({ session: 'given_0123456789-' }).connect()
  expect(FakeCore.last.options.session).toBe('given_0123456789-')
})

test('a core that does not load shows as failed, and is tried again at the next connect', () => {
  const cause = new Error('CSP')
  const load = vi.fn(() => FakeCore)
  load.mockImplementationOnce(() => { throw cause })
  load.mockImplementationOnce(() => { throw cause })
  const client = createFake({}, load)
  client.connect()
  const failure = { code: 'internal/wasm-load', cause }
  expect(client.state).toMatchObject({ status: 'failed', cause: failure })
  expect(client.state.cause?.message).toContain('wasm-unsafe-eval')
  expect(client.channel('room').send('x', 1)).toMatchObject({ status: 'failed', error: failure })
  client.connect()
  expect(client.state.status).toBe('connecting')
})

test('connect does nothing where a page is rendered on a server', () => {
  vi.stubGlobal('WebSocket', undefined)
  const load = vi.fn(() => FakeCore)
  const client = createFake({}, load)
  client.connect()
  expect(load).not.toHaveBeenCalled()
  expect(client.state.status).toBe('idle')
})

test('connect fails openly in a browser without WebSocket', () => {
  vi.stubGlobal('WebSocket', undefined)
  vi.stubGlobal('document', {})
  const client = createFake()
  client.connect()
  expect(client.state).toMatchObject({ status: 'failed', cause: { code: 'misuse/unsupported' } })
})

test('the URL may be given in every form', async () => {
  vi.stubGlobal('location', new URL('https://example.com/app/page?q=1'))
  const resolved = async (url: ClientOptions['url']): Promise<string> => {
    createFake({ url }).connect()
    return FakeCore.last.host.url()
  }
  expect(await resolved('/ws?room=1')).toBe('wss://example.com/ws?room=1')
  expect(await resolved('ws')).toBe('wss://example.com/app/ws')
  expect(await resolved('http://localhost:8080/ws')).toBe('ws://localhost:8080/ws')
  expect(await resolved(new URL('wss://a.b/c'))).toBe('wss://a.b/c')
  expect(await resolved(async () => 'https://a.b/c')).toBe('wss://a.b/c')
})

test('a URL that cannot work is refused as early as it can be known, and never shown', async () => {
  for (const url of ['ftp://a.b', 'wss://a.b/#secret', '', 'http://', 5, null, {}]) {
    expect(() => createFake({ url: url as string })).toThrow(expect.objectContaining({ code: 'misuse/invalid-option' }))
  }
  expect(() => createFake({ url: 'wss://a.b/?k=1#secret' })).toThrow(expect.not.objectContaining({ message: expect.stringContaining('secret') }))
  expect(() => createFake({ url: '/ws' }).connect()).toThrow(/relative/)
  createFake({ url: () => 'ftp://a.b' }).connect()
  await expect(FakeCore.last.host.url()).rejects.toMatchObject({ code: 'misuse/invalid-option' })
})

test('the token is asked for with the reason, and must be a string', async () => {
  const token = vi.fn(async (why: string) => (why === 'refused' ? null : `t-${why}`))
  createFake({ token }).connect()
  const { host } = FakeCore.last
  expect(host.hasToken).toBe(true)
  expect(await host.token('connect')).toBe('t-connect')
  expect(await host.token('refused')).toBeUndefined()
  createFake({ token: 'fixed' }).connect()
  expect(await FakeCore.last.host.token('refresh')).toBe('fixed')
  createFake({ token: () => 5 as unknown as string }).connect()
  await expect(FakeCore.last.host.token('connect')).rejects.toMatchObject({ code: 'misuse/invalid-option' })
  createFake().connect()
  expect(FakeCore.last.host.hasToken).toBe(false)
  expect(await FakeCore.last.host.token('connect')).toBeUndefined()
})

test('a provider that fails is the cause of the state it leads to', async () => {
  const error = new Error('no network')
  const { client, core } = connectFake({ token: () => Promise.reject(error) })
  await expect(core.host.token('connect')).rejects.toBe(error)
  core.state(3, 30, 100)
  expect(client.state.cause).toMatchObject({ code: 'lost/provider', cause: error })
  core.state(3, 25, 100)
  expect(client.state.cause?.cause).toBeUndefined()
})

test('what the client tells about itself comes typed and by name', () => {
  const client = createFake()
  const heard: unknown[] = []
  for (const name of ['welcome', 'problem', 'latency', 'token'] as const) client.onLifecycle(name, (event) => heard.push(event))
  client.connect()
  const core = FakeCore.last
  core.tell(WELCOME, 1, 0, 0, { connection: 'c', member: 'm' })
  core.tell(LATENCY, 12.5)
  core.tell(TOKEN, 60_000)
  core.tell(TOKEN, -1)
  core.tell(PROBLEM, 0, 16, 4400, { message: 'bad' })
  expect(heard).toMatchObject([
    { connectionId: 'c', member: 'm', user: undefined, resumed: true },
    { ms: 12.5 },
    { expiresInMs: 60_000 },
    { expiresInMs: undefined },
    { error: { code: 'refused/bad-frame', details: { serverMessage: 'bad', closeCode: 4400 } }, channel: undefined },
  ])
})

test('the connection info joins what the core and the welcome say', () => {
  const fresh = createFake()
  expect(fresh.getConnectionInfo()).toEqual({
    state: 'idle', connectionId: undefined, shardId: undefined, member: undefined, user: undefined,
    queueSize: 0, queueBytes: 0, attempt: 0, retryInMs: undefined,
  })
  const { client, core } = connectFake()
  core.snapshot = [2, 7, 3, 40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1, -1, -1]
  expect(client.getConnectionInfo()).toEqual({
    state: 'connected', connectionId: 'c1', shardId: undefined, member: 'me', user: 'ada',
    queueSize: 3, queueBytes: 40, attempt: 2, retryInMs: 7,
  })
  core.state(3, 25, 1)
  expect(client.getConnectionInfo()).toMatchObject({ connectionId: undefined, member: 'me' })
})

test('the stats are in words', () => {
  expect(createFake().getStats()).toMatchObject({ latencyMs: undefined, quality: 'unknown', sent: 0, reconnects: 0, reconnectCauses: {} })
  const { client, core } = connectFake()
  core.snapshot = [0, -1, 0, 0, 11, 12, 13, 14, 15, 16, 3, 18, 19, 20, 21, 22, -1, 4, 1, 2, 3, 4, 5, 26, 2, 30, 1]
  expect(client.getStats()).toEqual({
    latencyMs: { last: 1, mean: 2, p50: 3, p95: 4, p99: 5 }, quality: 'excellent', uptimeMs: 0, sent: 11, received: 12, acked: 13,
    failed: 14, bytesSent: 15, bytesReceived: 16, reconnects: 2, reconnectCauses: { 'lost/heartbeat': 2, 'lost/provider': 1 },
    recovered: 18, replayed: 19, duplicates: 20, gaps: 21, skipped: 22,
  })
})

test('after destroy every verb throws, and everything that ends something does nothing', async () => {
  const { client, core } = connectFake()
  const room = client.channel('room')
  const heard = vi.fn()
  const end = room.on('x', heard)
  const release = room.subscribe()
  const states: string[] = []
  client.onConnectionStateChange(({ status }) => states.push(status))
  client[Symbol.dispose]()
  client.destroy()
  expect(core.of('free')).toEqual([])
  core.state(2)
  expect(states).toEqual(['closed'])
  for (const verb of [
    () => client.connect(), () => client.retry(), () => client.refreshToken(), () => client.send('x', 1), () => client.channel('y'),
    () => client.on('x', heard), () => client.waitFor('x'), () => client.events('x'), () => room.send('x', 1), () => room.on('x', heard),
    () => room.subscribe(), () => room.signal('x', 1), () => room.typing(), () => room.presence.track(1), () => room.presence.onChange(heard),
    () => client.onLifecycle('gap', heard),
  ]) expect(verb).toThrow(expect.objectContaining({ code: 'misuse/destroyed' }))
  end()
  release()
  room.off('x', heard)
  room.presence.untrack()
  client.close()
  core.deliver(1, 'x', 1)
  await Promise.resolve()
  expect(heard).not.toHaveBeenCalled()
  expect(core.calls.map((call) => call[0]).slice(-2)).toEqual(['destroy', 'free'])
  expect([room.status, client.state.status]).toEqual(['idle', 'closed'])
})
