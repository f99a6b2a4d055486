import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, expectTypeOf, test, vi } from 'vitest'
import { isTautlineError } from '../src/error.ts'
import type { Making } from '../src/env/client.ts'
import type { createClientFromEnv as CreateClientFromEnv, EnvClient, EnvSettings, ResolvedEnv } from '../src/env/index.ts'
import { compile } from '../src/json/compile.ts'
import { presets } from '../src/json/presets.ts'

const given = vi.hoisted(() => ({ making: undefined as unknown }))
vi.mock('../src/env/client.ts', () => ({
  SwitchingClient: class {
    constructor(making: unknown) {
      given.making = making
    }
  },
}))

type Env = typeof import('../src/env/index.ts')
let env: Env

beforeEach(async () => {
  // What was warned of and configured belongs to one page.
  vi.resetModules()
  env = await import('../src/env/index.ts')
  vi.spyOn(console, 'warn').mockImplementation(() => {})
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

const NAME = 'NEXT_PUBLIC_WEBSOCKET_MESSAGE_QUEUE_SIZE'
const FLAG = 'NEXT_PUBLIC_USE_DISCORD_CLIENT'

/** What the client is made of. */
function made(options: Partial<Parameters<typeof CreateClientFromEnv>[0]> = {}): Making {
  env.createClientFromEnv({ url: 'ws://localhost/', ...options })
  return given.making as Making
}

/** What is spoken first. */
function spoken(options?: Parameters<typeof made>[0]): Making['servers']['plain']['dialect']['core'] {
  const { servers, first } = made(options)
  return servers[first].dialect.core
}

function wrong(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    if (isTautlineError(error) && error.code === 'misuse/invalid-option') return error.message
    // A module that was loaded anew has an error class of its own.
    if ((error as { code?: string }).code === 'misuse/invalid-option') return String((error as Error).message)
    throw error
  }
  throw new Error('it was taken')
}

const values = (resolved: ResolvedEnv): Record<string, unknown> =>
  Object.fromEntries(Object.entries(resolved).map(([key, { value }]) => [key, value]))

test('where nobody says anything the documented defaults hold', () => {
  expect(env.resolveEnv()).toEqual({
    useDiscordClient: { value: false, from: 'default' },
    heartbeatIntervalMs: { value: 30_000, from: 'default' },
    connectionTimeoutMs: { value: 60_000, from: 'default' },
    maxReconnectAttempts: { value: 15, from: 'default' },
    messageQueueSize: { value: 1_000, from: 'default' },
  })
  expect(console.warn).not.toHaveBeenCalled()
})

test('in a browser without `process` nothing throws and the defaults hold', () => {
  vi.stubGlobal('process', undefined)
  expect(values(env.resolveEnv())).toMatchObject({ useDiscordClient: false, messageQueueSize: 1_000 })
})

test('every variable is read', () => {
  vi.stubEnv(FLAG, 'yes')
  vi.stubEnv('NEXT_PUBLIC_WEBSOCKET_HEARTBEAT_INTERVAL', '10000')
  vi.stubEnv('NEXT_PUBLIC_WEBSOCKET_CONNECTION_TIMEOUT', '5000')
  vi.stubEnv('NEXT_PUBLIC_WEBSOCKET_MAX_RECONNECT_ATTEMPTS', '3')
  vi.stubEnv(NAME, ' 50 ')
  expect(env.resolveEnv()).toEqual({
    useDiscordClient: { value: true, from: 'build' },
    heartbeatIntervalMs: { value: 10_000, from: 'build' },
    connectionTimeoutMs: { value: 5_000, from: 'build' },
    maxReconnectAttempts: { value: 3, from: 'build' },
    messageQueueSize: { value: 50, from: 'build' },
  })
})

test('the option goes before configure, that before the page’s __ENV, that before the build, that before the default', () => {
  const size = (options?: EnvSettings): unknown => env.resolveEnv(options).messageQueueSize
  expect(size()).toEqual({ value: 1_000, from: 'default' })
  vi.stubEnv(NAME, '1')
  expect(size()).toEqual({ value: 1, from: 'build' })
  vi.stubGlobal('__ENV', { [NAME]: '2' })
  expect(size()).toEqual({ value: 2, from: 'runtime' })
  env.configure({ messageQueueSize: 3 })
  env.configure({ maxReconnectAttempts: 7 })
  expect(size()).toEqual({ value: 3, from: 'configure' })
  expect(size({ messageQueueSize: 4 })).toEqual({ value: 4, from: 'option' })
  expect(size({ messageQueueSize: undefined })).toEqual({ value: 3, from: 'configure' })
  env.configure({ messageQueueSize: undefined })
  expect(size()).toEqual({ value: 2, from: 'runtime' })
  expect(env.resolveEnv().maxReconnectAttempts).toEqual({ value: 7, from: 'configure' })
})

test('production uses the Discord-style client unless somebody says false', () => {
  vi.stubEnv('NODE_ENV', 'production')
  expect(env.resolveEnv().useDiscordClient).toEqual({ value: true, from: 'default' })
  for (const no of ['false', 'FALSE', '0', 'no']) {
    vi.stubEnv(FLAG, no)
    expect(env.resolveEnv().useDiscordClient).toEqual({ value: false, from: 'build' })
  }
  vi.stubEnv(FLAG, 'true')
  expect(env.resolveEnv({ useDiscordClient: false }).useDiscordClient).toEqual({ value: false, from: 'option' })
  vi.stubGlobal('__ENV', { [FLAG]: 'false' })
  expect(env.resolveEnv().useDiscordClient).toEqual({ value: false, from: 'runtime' })
})

test.each([
  [NAME, 'abc'], [NAME, '0'], [NAME, '-5'], [NAME, '1.5'], [NAME, '1e3'], [NAME, 'NaN'], [NAME, 'Infinity'], [NAME, '0x10'], [NAME, '1000001'],
  ['NEXT_PUBLIC_WEBSOCKET_HEARTBEAT_INTERVAL', '30s'], ['NEXT_PUBLIC_WEBSOCKET_CONNECTION_TIMEOUT', '86400001'],
  ['NEXT_PUBLIC_WEBSOCKET_MAX_RECONNECT_ATTEMPTS', '0'], [FLAG, 'maybe'], [FLAG, '2'],
])('%s=%s warns once and the default holds', (name, value) => {
  const defaults = env.resolveEnv()
  vi.stubEnv(name, value)
  expect(env.resolveEnv()).toEqual(defaults)
  env.resolveEnv()
  expect(vi.mocked(console.warn).mock.calls).toEqual([[expect.stringContaining(name)]])
})

test('an empty variable says nothing', () => {
  vi.stubEnv(NAME, '')
  vi.stubEnv(FLAG, '')
  expect(env.resolveEnv()).toMatchObject({ messageQueueSize: { from: 'default' }, useDiscordClient: { from: 'default' } })
  expect(console.warn).not.toHaveBeenCalled()
})

test('a strange __ENV harms nobody', () => {
  for (const strange of [null, 5, 'text', [], Object.create({ [NAME]: '9' })]) {
    vi.stubGlobal('__ENV', strange)
    expect(env.resolveEnv().messageQueueSize).toEqual({ value: 1_000, from: 'default' })
  }
  expect(console.warn).not.toHaveBeenCalled()
  vi.stubGlobal('__ENV', { [NAME]: 9, [FLAG]: true })
  expect(values(env.resolveEnv())).toMatchObject({ messageQueueSize: 9, useDiscordClient: true })
  vi.stubGlobal('__ENV', { [NAME]: { toString: () => '9' } })
  expect(env.resolveEnv().messageQueueSize).toEqual({ value: 1_000, from: 'default' })
  expect(console.warn).toHaveBeenCalledTimes(1)
})

test.each<[string, object]>([
  ['useDiscordClient', { useDiscordClient: 'true' }],
  ['heartbeatIntervalMs', { heartbeatIntervalMs: 0 }],
  ['connectionTimeoutMs', { connectionTimeoutMs: NaN }],
  ['maxReconnectAttempts', { maxReconnectAttempts: -1 }],
  ['messageQueueSize', { messageQueueSize: '5' }],
])('a mistake in %s of the application’s own throws and is named', (name, settings) => {
  expect(wrong(() => env.resolveEnv(settings))).toContain(`${name}:`)
  expect(wrong(() => env.configure(settings))).toContain(`configure: ${name}:`)
  expect(wrong(() => made(settings))).toContain(`${name}:`)
  expect(env.resolveEnv().maxReconnectAttempts.from).toBe('default')
})

test('what is resolved cannot be changed', () => {
  const resolved = env.resolveEnv()
  expect([resolved, ...Object.values(resolved)].every(Object.isFrozen)).toBe(true)
})

test('the flag chooses what is spoken', () => {
  expect(spoken().protocol).toEqual(compile(presets.channels))
  expect(spoken({ useDiscordClient: true }).protocol).toEqual(compile(presets.chat))
  expect(spoken({ useDiscordClient: true, discord: presets.rooms }).protocol).toEqual(compile(presets.rooms))
  expect(spoken({ plain: presets.rooms, discord: presets.chat }).protocol).toEqual(compile(presets.rooms))
})

test('both kinds of server are at the same URL unless one is given for the Discord-style one', () => {
  const urls = ({ servers }: Making): unknown => [servers.plain.url, servers.discord.url]
  expect(urls(made())).toEqual(['ws://localhost/', 'ws://localhost/'])
  expect(urls(made({ discordUrl: 'ws://localhost/chat' }))).toEqual(['ws://localhost/', 'ws://localhost/chat'])
  expect(wrong(() => made({ discordUrl: 'ftp://localhost/' }))).toContain('url:')
  expect(made().fallback).toBe(false)
})

test('the settings arrive in the client, and what is said more closely goes first', () => {
  expect(made({ heartbeat: { probeMs: 5 }, queue: { overflow: 'drop-oldest' }, token: 'secret' }).options).toEqual({
    token: 'secret',
    connectTimeoutMs: 60_000,
    handshakeTimeoutMs: 60_000,
    heartbeat: { intervalMs: 30_000, probeMs: 5 },
    queue: { max: 1_000, overflow: 'drop-oldest' },
  })
  const close = { connectTimeoutMs: 1, handshakeTimeoutMs: 2, heartbeat: { intervalMs: 3 }, queue: { max: 4 } }
  expect(made({ ...close, connectionTimeoutMs: 9, heartbeatIntervalMs: 9, messageQueueSize: 9 }).options).toMatchObject(close)
  expect(made({ queue: { max: undefined } }).options).toMatchObject({ queue: { max: 1_000 } })
  expect([spoken().maxAttempts, spoken({ maxReconnectAttempts: 0 }).maxAttempts, spoken({ maxReconnectAttempts: Infinity }).maxAttempts]).toEqual([15, 0, Infinity])
})

test('a heartbeat interval says how long a server that beats may be silent', () => {
  const silence = (options: EnvSettings): number => spoken({ useDiscordClient: true, ...options }).protocol.silenceMs
  expect(silence({})).toBe(75_000)
  expect(silence({ heartbeatIntervalMs: 10_000 })).toBe(25_000)
  expect(silence({ heartbeatIntervalMs: 86_400_000 })).toBe(86_400_000)
  expect(silence({ heartbeatIntervalMs: 10_000, useDiscordClient: false })).toBe(0)
})

test('the variables stand spelled out whole, as bundlers want them', () => {
  const source = readFileSync(new URL('../src/env/inlined.ts', import.meta.url), 'utf8')
  const names = [...source.matchAll(/^ {2}(\w+): \(\) => process\.env\.(\w+),$/gm)].map(([, key, name]) => [key, name])
  expect(names).toHaveLength(6)
  for (const [key, name] of names) expect(name).toBe(key === 'NODE_ENV' ? key : `NEXT_PUBLIC_${key}`)
})

test('the page of the variables names each, with its default', () => {
  const page = readFileSync(new URL('../../docs/env.md', import.meta.url), 'utf8')
  const rows = Object.fromEntries([...page.matchAll(/^\| `(NEXT_PUBLIC_\w+)` \| `(\w+)` \| ([\w,]+)/gm)].map(([, name, key, value]) => [key, [name, value?.replace(',', '')]]))
  expect(Object.keys(rows).sort()).toEqual(Object.keys(env.resolveEnv()).sort())
  for (const [key, { value }] of Object.entries(env.resolveEnv())) {
    if (key !== 'useDiscordClient') expect(rows[key]?.[1]).toBe(String(value))
  }
})

test('events are typed as with any client', () => {
  interface Events {
    MESSAGE_RECEIVED: { text: string }
  }
  expectTypeOf(env.createClientFromEnv<Events>).returns.toEqualTypeOf<EnvClient<Events>>()
})
