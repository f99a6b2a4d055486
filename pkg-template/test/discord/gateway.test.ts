import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import * as core from '../../src/core.ts'
import { DiscordGateway } from '../../src/discord/gateway.ts'
import type { GatewayOptions } from '../../src/discord/options.ts'

const VERBS = new Map([
  [core.CONNECT, 'connect'],
  [core.CLOSE, 'close'],
  [core.RETRY, 'retry'],
  [core.DESTROY, 'destroy'],
])

/** What a test sees of one shard's core, and what it says in the core's place. */
class FakeCore {
  static made: FakeCore[] = []
  readonly calls: unknown[][] = []
  readonly options: { protocol: { identify: string } }
  readonly host: core.CoreHost & { address(url: string): string; decoder(): unknown; encode(text: string): string }
  #id = 0
  #sent = 0
  #sequence = -1

  constructor(options: FakeCore['options'], host: core.CoreHost) {
    this.options = options
    this.host = host as FakeCore['host']
    FakeCore.made.push(this)
  }

  call(verb: number) {
    // What was said goes out.
    for (; this.#sent < this.#id; this.#sent++) this.host.event(core.SENT, this.#sent + 1, 1, 0, undefined)
    if (verb === core.WAKE) return false
    const name = VERBS.get(verb)
    if (name !== 'retry') this.calls.push([name])
    if (name === 'connect') this.state(1)
    if (name === 'close') this.state(4)
    return false
  }
  free() {}
  sequence() {
    return this.#sequence
  }
  restoreSession(...session: unknown[]) {
    this.calls.push(['restoreSession', ...session])
  }
  sendsLeft() {
    return 111
  }
  say(verb: number, __: number, op: string, data: string) {
    this.calls.push([verb === core.PUBLISH_FIRST ? 'publish first' : 'publish', op, data])
    return ++this.#id
  }
  numbers() {
    return []
  }

  // The test's side.

  state(state: number, cause = 0) {
    this.host.event(core.STATE, state, cause, 0, undefined)
  }
  ready(d: object = {}, s = 1) {
    this.#sequence = s
    this.host.event(core.WELCOME, 0, 0, 0, { t: 'READY', s, op: 0, d: { session_id: 'abc', resume_gateway_url: 'wss://resume/', ...d } })
    this.state(2)
  }
  resumed(s: number) {
    this.host.event(core.WELCOME, 1, 0, 0, { t: 'RESUMED', s, op: 0, d: {} })
    this.state(2)
  }
  dispatch(t: string, d: unknown, s = 2) {
    this.#sequence = s
    this.host.message(0, t, d, 0, core.SIGNAL, { t, s, op: 0, d } as never)
  }
  get identify(): Record<string, unknown> {
    return JSON.parse(`{${this.options.protocol.identify}}`)
  }
}

const given: GatewayOptions = { url: 'wss://gateway.test/', token: 'secret', intents: 513 }

function gatewayOf(options: Partial<GatewayOptions> = {}): DiscordGateway {
  return new DiscordGateway({ ...given, ...options }, () => FakeCore as never)
}

/** One shard, connected. */
function connected(options: Partial<GatewayOptions> = {}): [DiscordGateway, FakeCore] {
  const gateway = gatewayOf(options)
  gateway.connect()
  const shard = FakeCore.made.at(-1) as FakeCore
  shard.ready()
  return [gateway, shard]
}

beforeEach(() => {
  FakeCore.made = []
  vi.useFakeTimers()
  vi.stubGlobal('navigator', {})
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('identify says who we are, and which shard where there are several', () => {
  gatewayOf({ presence: { status: 'idle' } as never }).connect()
  expect(FakeCore.made[0]?.identify).toEqual({
    intents: 513,
    properties: { os: 'browser', browser: 'tautline', device: 'tautline' },
    large_threshold: 50,
    presence: { status: 'idle' },
  })
  gatewayOf({ shards: { total: 4, ids: [1, 3] } }).connect()
  expect(FakeCore.made.slice(1).map((shard) => shard.identify['shard'])).toEqual([[1, 4], [3, 4]])
})

test('the address says how to speak, whatever its query was', () => {
  const [, shard] = connected()
  expect(shard.host.address('wss://resume/?v=6&x=1')).toBe('wss://resume/?v=10&x=1&encoding=json')
})

test('events come with their shard and place, by name, by beginning and all', () => {
  const [gateway, shard] = connected()
  const heard: unknown[] = []
  gateway.on('MESSAGE_CREATE', (data, info) => heard.push([data, info]))
  gateway.on('MESSAGE_*', (_, info) => heard.push((info as { event: string }).event))
  gateway.on('*', () => heard.push('*'))
  shard.dispatch('MESSAGE_CREATE', { content: 'hi' }, 7)
  expect(heard).toEqual([[{ content: 'hi' }, { shard: 0, sequence: 7, replayed: false, event: 'MESSAGE_CREATE' }], 'MESSAGE_CREATE', '*'])
})

test('only the wanted events are delivered', () => {
  const [gateway, shard] = connected({ events: ['MESSAGE_CREATE'] })
  const heard: string[] = []
  gateway.on('*', (_, info) => heard.push((info as { event: string }).event))
  shard.dispatch('TYPING_START', undefined)
  shard.dispatch('MESSAGE_CREATE', {})
  expect(heard).toEqual(['MESSAGE_CREATE'])
})

test('what was missed is marked, counted and told after a resume', () => {
  const [gateway, shard] = connected()
  const heard: unknown[] = []
  gateway.on('MESSAGE_CREATE', (_, info) => heard.push((info as { replayed: boolean }).replayed))
  gateway.onLifecycle('resumed', (event) => heard.push(event))
  shard.state(3, 25)
  shard.dispatch('MESSAGE_CREATE', {}, 2)
  shard.dispatch('MESSAGE_CREATE', {}, 3)
  shard.resumed(4)
  shard.dispatch('MESSAGE_CREATE', {}, 5)
  expect(heard).toEqual([true, true, { shard: 0, replayed: 2 }, false])
})

test('a shard takes a turn to identify, and none to resume', async () => {
  gatewayOf({ shards: 2 }).connect()
  const [first, second] = FakeCore.made as [FakeCore, FakeCore]
  await first.host.token('connect')
  first.host.encode('{"op":2,"d":{}}')
  let turn = false
  void second.host.token('connect').then(() => (turn = true))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(turn).toBe(false)
  await expect(first.host.token('resume' as never)).resolves.toBe('secret')
  first.ready()
  await vi.advanceTimersByTimeAsync(5_000)
  expect(turn).toBe(true)
})

test('a lost attempt gives its turn to the next shard', async () => {
  gatewayOf({ shards: 2, identify: { spacingMs: 0 } }).connect()
  const [first, second] = FakeCore.made as [FakeCore, FakeCore]
  await first.host.token('connect')
  const turn = second.host.token('connect')
  first.state(3, 25)
  await vi.advanceTimersByTimeAsync(0)
  await expect(turn).resolves.toBe('secret')
})

test('a provider that does not answer is given up, and its error is the cause', async () => {
  const gateway = gatewayOf({ url: () => new Promise(() => {}), resolveTimeoutMs: 1_000 })
  gateway.connect()
  const failed = expect(FakeCore.made[0]?.host.url()).rejects.toMatchObject({ code: 'late/resolve' })
  await vi.advanceTimersByTimeAsync(1_000)
  await failed
})

test('as many shards as the information recommends, at its address, within its budget', async () => {
  const session_start_limit = { total: 1000, remaining: 2, reset_after: 1, max_concurrency: 1 }
  const info = () => ({ url: 'wss://other.test/', shards: 2, session_start_limit })
  const gateway = gatewayOf({ url: undefined, info, shards: 'auto' })
  gateway.connect()
  await vi.advanceTimersByTimeAsync(0)
  expect(FakeCore.made).toHaveLength(2)
  await expect(FakeCore.made[0]?.host.url()).resolves.toBe('wss://other.test/')
  const poor = gatewayOf({ url: undefined, info, shards: 3 })
  poor.connect()
  await vi.advanceTimersByTimeAsync(0)
  expect(poor.state).toMatchObject({ status: 'failed', cause: { code: 'refused/rate-limited' } })
  expect(FakeCore.made).toHaveLength(2)
})

test('all shards together are what the one furthest behind is', async () => {
  const gateway = gatewayOf({ shards: 2 })
  const states: string[] = []
  gateway.onLifecycle('state', ({ status }) => states.push(status))
  gateway.connect()
  const [first, second] = FakeCore.made as [FakeCore, FakeCore]
  const ready = gateway.ready()
  first.ready()
  second.ready()
  await ready
  second.state(3, 25)
  second.state(5, 15)
  expect(states).toEqual(['connecting', 'connected', 'reconnecting', 'failed'])
  await expect(gateway.ready()).rejects.toMatchObject({ code: 'refused/forbidden' })
})

test('commands go over the shard of their guild, as opcode and data', () => {
  const gateway = gatewayOf({ shards: 2 })
  gateway.connect()
  const guild = String(1n << 22n)
  gateway.updateVoiceState({ guild_id: guild, channel_id: null, self_mute: false, self_deaf: false })
  gateway.send(43, { guild_id: guild }, { shard: 0 })
  const [first, second] = FakeCore.made as [FakeCore, FakeCore]
  expect(first.calls.at(-1)).toEqual(['publish', '43', `{"guild_id":"${guild}"}`])
  expect(second.calls.at(-1)).toEqual(['publish', '4', `{"guild_id":"${guild}","channel_id":null,"self_mute":false,"self_deaf":false}`])
  expect(() => gateway.send(1.5, {})).toThrow('misuse/invalid-argument')
  expect(() => gateway.send(3, {}, { shard: 9 })).toThrow('There are: 0, 1')
})

test('a command with priority goes before those that wait', () => {
  const [gateway, shard] = connected()
  gateway.send(4, null, { priority: true })
  gateway.send(4, null)
  expect(shard.calls.slice(-2)).toEqual([['publish first', '4', 'null'], ['publish', '4', 'null']])
})

test('what came again after a resume is counted, and so is what compression saved', () => {
  const [gateway, shard] = connected({ compression: 'payload' })
  shard.state(3, 25)
  for (const s of [2, 3]) shard.dispatch('MESSAGE_CREATE', {}, s)
  shard.resumed(4)
  shard.state(3, 25)
  shard.dispatch('MESSAGE_CREATE', {}, 5)
  shard.resumed(6)
  expect(gateway.getStats()).toMatchObject({ resumes: 2, replayed: 3 })
  expect(gateway.shards[0]).toMatchObject({ sendsLeft: 111, stats: { replayed: 3 } })
})

test('what cannot be read is one error, with the reason and what to do about it', async () => {
  const gateway = gatewayOf({ compression: 'zlib-stream' })
  gateway.connect()
  const shard = FakeCore.made[0] as FakeCore
  await shard.host.url()
  const decode = shard.host.decoder() as (data: ArrayBuffer) => unknown
  expect(() => decode(new TextEncoder().encode('{"op":10}').buffer)).toThrow()
  for (const [number, code] of [[8, 'peer/bad-frame'], [11, 'peer/protocol']]) {
    shard.state(3, number as number)
    expect(gateway.state.cause).toMatchObject({ code, message: expect.stringContaining('perhaps the gateway has another') as string, cause: { reason: 'not-compressed' } })
  }
  shard.host.decoder()
  shard.state(3, 8)
  expect(gateway.state.cause?.cause, 'the next connection has no fault yet').toBeUndefined()
})

test('a budget that is spent is the cause itself, and says until when', async () => {
  const session_start_limit = { total: 1000, remaining: 1, reset_after: 60_000, max_concurrency: 1 }
  const gateway = gatewayOf({ url: undefined, info: () => ({ url: 'wss://x/', session_start_limit }) })
  gateway.connect()
  await vi.advanceTimersByTimeAsync(0)
  const shard = FakeCore.made[0] as FakeCore
  await shard.host.token('connect')
  shard.host.encode('{"op":2,"d":{}}')
  shard.ready()
  shard.state(3, 25)
  const again = expect(shard.host.token('connect')).rejects.toThrow()
  await vi.advanceTimersByTimeAsync(5_000)
  await again
  shard.state(3, 30)
  expect(gateway.state.cause).toMatchObject({ code: 'refused/rate-limited', details: { limit: 1000, retryInMs: 55_000 } })
})

test('a new session hears the latest presence, unless identify said it', () => {
  const [gateway, shard] = connected({ presence: { status: 'online' } as never })
  expect(shard.calls.filter(([call]) => call === 'publish')).toEqual([])
  gateway.updatePresence({ status: 'dnd' } as never)
  shard.state(3, 25)
  shard.ready()
  expect(shard.calls.filter(([call]) => call === 'publish')).toEqual([
    ['publish', '3', '{"status":"dnd"}'],
    ['publish', '3', '{"status":"dnd"}'],
  ])
})

describe('reshard', () => {
  test('each event is delivered once while old and new shards both hear, and the old ones go', async () => {
    const [gateway, old] = connected({ identify: { spacingMs: 0 } })
    const heard: unknown[] = []
    gateway.on('MESSAGE_CREATE', (data) => heard.push((data as { id: number }).id))
    const done = gateway.reshard(2)
    await vi.advanceTimersByTimeAsync(0)
    const [, first, second] = FakeCore.made as [FakeCore, FakeCore, FakeCore]
    first.ready()
    first.dispatch('MESSAGE_CREATE', { id: 1 })
    old.dispatch('MESSAGE_CREATE', { id: 1 })
    second.ready()
    await vi.advanceTimersByTimeAsync(0)
    second.dispatch('MESSAGE_CREATE', { id: 2 })
    old.dispatch('MESSAGE_CREATE', { id: 2 })
    old.dispatch('MESSAGE_CREATE', { id: 3 })
    first.dispatch('MESSAGE_CREATE', { id: 3 })
    await vi.advanceTimersByTimeAsync(5_000)
    await done
    first.dispatch('MESSAGE_CREATE', { id: 4 })
    old.dispatch('MESSAGE_CREATE', { id: 5 })
    expect(heard).toEqual([1, 2, 3, 4])
    expect(old.calls.at(-1)).toEqual(['destroy'])
    expect(gateway.shards.map(({ id, total }) => [id, total])).toEqual([[0, 2], [1, 2]])
  })

  test('new shards that fail are given up, and the old ones go on', async () => {
    const [gateway, old] = connected()
    const done = expect(gateway.reshard(2)).rejects.toMatchObject({ code: 'refused/forbidden' })
    await vi.advanceTimersByTimeAsync(0)
    FakeCore.made[1]?.state(5, 15)
    await done
    let heard = 0
    gateway.on('A' as never, () => heard++)
    old.dispatch('A', 1)
    expect([heard, gateway.state.status, FakeCore.made[2]?.calls.at(-1)]).toEqual([1, 'connected', ['destroy']])
  })
})

test('debug hears states and frames without tokens, and nothing is looked at without it', () => {
  const heard: object[] = []
  const [, shard] = connected({ debug: (event) => heard.push(event) })
  expect(shard.host.encode('{"op":2,"d":{"token":"secret"}}')).toContain('secret')
  expect(JSON.stringify(heard)).not.toContain('secret')
  expect(heard.map((event) => (event as { type: string }).type)).toEqual(['state', 'state', 'sent'])
  const [, quiet] = connected()
  expect(quiet.host.decoder()).toBeUndefined()
})

test('an unwanted event is not parsed, and its place still counts', () => {
  const [, shard] = connected({ events: ['MESSAGE_CREATE'] })
  const decode = shard.host.decoder() as (data: string) => unknown
  expect(decode('{"t":"TYPING_START","s":5,"op":0,"d":{"x":1}}')).toEqual({ op: 0, t: 'TYPING_START', s: 5 })
  for (const text of ['{"t":"MESSAGE_CREATE","s":5,"op":0,"d":1}', '{"t":"READY","s":1,"op":0,"d":1}', '{"op":11}']) expect(decode(text)).toBe(text)
})

test('after destroy everything throws, and nothing is heard', () => {
  const [gateway, shard] = connected()
  let heard = 0
  gateway.on('*', () => heard++)
  gateway.destroy()
  gateway.destroy()
  shard.dispatch('MESSAGE_CREATE', {})
  expect(heard).toBe(0)
  for (const call of [() => gateway.connect(), () => gateway.send(3, {}), () => gateway.on('X', () => {}), () => gateway.ready()]) {
    expect(call).toThrow('misuse/destroyed')
  }
})
