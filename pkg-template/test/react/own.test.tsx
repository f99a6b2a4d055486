import { act, render, screen } from '@testing-library/react'
import { StrictMode } from 'react'
import { beforeEach, expect, test, vi } from 'vitest'
import type { Client } from '../../src/client.ts'
import { REPLY } from '../../src/core.ts'
import type { EventMap } from '../../src/events.ts'
import type { ClientOptions } from '../../src/options.ts'
import { type ProviderWithOptions, TautlineProvider, type TautlineProviderProps, useConnectionState, useTautline, useWebSocketSend } from '../../src/react/index.ts'
import { createFake, FakeCore } from '../fake-core.ts'
import { settle, welcome } from './bench.tsx'

/** What was made, and of which options, by entry. */
const made: [entry: string, options: ClientOptions & Record<string, unknown>][] = []
let broken: unknown
/** Where clients of `tautline/env` were told to go. */
const switches: string[] = []

function entry(name: string): { createClient: (options: ClientOptions) => Client<EventMap> } {
  return {
    createClient(options) {
      if (broken) throw broken
      made.push([name, options as ClientOptions & Record<string, unknown>])
      const { url, token } = options
      return createFake({ url, token })
    },
  }
}
vi.mock('../../src/index.ts', () => entry('tautline'))
vi.mock('../../src/json/index.ts', () => ({ ...entry('json'), presets: { channels: 'channels!', rooms: 'rooms!' } }))
vi.mock('../../src/env/index.ts', () => ({
  createClientFromEnv: (options: ClientOptions) => Object.assign(entry('env').createClient(options), { switchTo: (dialect: string) => switches.push(dialect) }),
}))

beforeEach(() => {
  made.length = switches.length = 0
  broken = undefined
})

let client: Client<EventMap> | undefined
let send: ReturnType<typeof useWebSocketSend<EventMap>> | undefined
function Status() {
  client = useTautline<EventMap>()
  send = useWebSocketSend<EventMap>()
  const { status, cause } = useConnectionState()
  return <p>{[status, cause?.message].join(' ')}</p>
}

function page(props: Partial<ProviderWithOptions>) {
  const tree = (all: object) => (
    <StrictMode>
      <TautlineProvider {...(all as TautlineProviderProps)}><Status /></TautlineProvider>
    </StrictMode>
  )
  const rendered = render(tree(props))
  return { ...rendered, set: (next: object) => rendered.rerender(tree({ ...props, ...next })) }
}

test('the client is there at once, and its core is downloaded once, when it connects', async () => {
  const { set } = page({ url: '/ws', connect: false })
  await settle()
  expect(made).toEqual([])
  set({ connect: true })
  screen.getByText('connecting')
  await settle()
  expect(made.map(([name]) => name)).toEqual(['tautline'])
  act(() => welcome(FakeCore.last))
  screen.getByText('connected')
})

test('what is sent, asked and listened to before the core is there is not lost, and keeps its order', async () => {
  page({ url: '/ws' })
  const heard: unknown[] = []
  client?.channel('room').on('message', (payload) => heard.push(payload))
  const first = send?.('message', 1, { channel: 'room' })
  const second = send?.('message', 2, { channel: 'room' })
  const answer = client?.request('who')
  await settle()
  const core = FakeCore.last
  expect(core.of('publish').map((call) => call[2])).toEqual(['1', '2'])
  expect([first?.id, second?.id].every((id) => Number(id) > 0)).toBe(true)
  expect(core.of('subscribe')).toEqual([[1, false]])
  core.deliver(1, 'message', 'hi')
  expect(heard).toEqual(['hi'])
  core.tell(REPLY, 1, 0, 0, 'ada')
  await expect(answer).resolves.toBe('ada')
})

test.each([
  [{}, 'tautline', undefined],
  [{ protocol: 'tautline' }, 'tautline', undefined],
  [{ protocol: 'json' }, 'json', 'channels!'],
  [{ protocol: 'rooms' }, 'json', 'rooms!'],
  [{ protocol: { receive: { ready: 'hello' } } }, 'json', { receive: { ready: 'hello' } }],
  [{ protocol: 'env' }, 'env', undefined],
  [{ useDiscordClient: false }, 'env', undefined],
] as const)('%j downloads %s alone', async (options, name, protocol) => {
  page({ url: '/ws', ...options })
  await settle()
  expect(made.map(([entry, { protocol }]) => [entry, protocol])).toEqual([[name, protocol]])
})

test('a destroyed provider destroys its client, and says so to what waits', async () => {
  const { unmount } = page({ url: '/ws' })
  await settle()
  const handle = send?.('message', 1, { channel: 'room' })
  unmount()
  await settle()
  expect(FakeCore.last.of('destroy')).toHaveLength(1)
  await expect(handle?.receipt).rejects.toMatchObject({ code: 'dropped/closed' })
})

test.each([{ url: '/other' }, { protocol: 'json' }, { token: 'a' }])('another %j makes another client and destroys the first', async (change) => {
  const { set } = page({ url: '/ws' })
  await settle()
  const [first, core] = [client, FakeCore.last]
  set(change)
  await settle()
  expect(client).not.toBe(first)
  expect(core.of('destroy')).toHaveLength(1)
  expect(made).toHaveLength(2)
})

test('another flag moves the same client to the other server, also while the core is on its way', async () => {
  const { set } = page({ url: '/ws', useDiscordClient: true, discordUrl: '/chat', fallback: true })
  const first = client
  set({ useDiscordClient: false })
  await settle()
  expect(made.map(([entry, { useDiscordClient, discordUrl, fallback }]) => [entry, useDiscordClient, discordUrl, fallback])).toEqual([['env', true, '/chat', true]])
  expect(switches).toEqual(['plain'])
  set({ useDiscordClient: true })
  set({ useDiscordClient: undefined, protocol: 'env' })
  await settle()
  expect(switches, 'no flag is no change').toEqual(['plain', 'discord'])
  expect([client === first, made.length, FakeCore.last.of('destroy')]).toEqual([true, 1, []])
})

test('functions and options that are new with every render keep the client', async () => {
  const options = (n: number) => ({ url: () => `ws://localhost/${n}`, token: async () => `token ${n}`, protocol: { receive: {} }, backoff: { minMs: n } })
  const { set } = page(options(1))
  await settle()
  const first = client
  set(options(2))
  await settle()
  expect(client).toBe(first)
  expect(made).toHaveLength(1)
  const [, { url, token }] = made[0] as (typeof made)[0]
  expect((url as () => string)()).toBe('ws://localhost/2')
  await expect((token as () => Promise<string>)()).resolves.toBe('token 2')
})

test('another token is told on the living connection', async () => {
  const { set } = page({ url: '/ws', token: 'a' })
  await settle()
  set({ token: 'b' })
  await settle()
  expect(made).toHaveLength(1)
  expect(FakeCore.last.of('refresh')).toHaveLength(1)
  const [, { token }] = made[0] as (typeof made)[0]
  expect((token as (why: string) => unknown)('refresh')).toBe('b')
})

test('without a url the page goes on, and the state and the console name the option once', async () => {
  vi.mocked(console.error).mockImplementation(() => {})
  page({})
  await settle()
  screen.getByText(/^failed Invalid option\. url: expected .* came: undefined\. \[misuse\/invalid-option\]$/)
  expect(vi.mocked(console.error).mock.calls).toHaveLength(1)
  vi.mocked(console.error).mockReset()
})

test('a core that cannot be downloaded is tried again, and then the state says why; connecting tries anew', async () => {
  vi.useFakeTimers()
  broken = new Error('404')
  vi.mocked(console.error).mockImplementation(() => {})
  page({ url: '/ws' })
  const handle = send?.('message', 1, { channel: 'room' })
  await act(() => vi.advanceTimersByTimeAsync(5_000))
  screen.getByText('connecting')
  await act(() => vi.advanceTimersByTimeAsync(10_000))
  screen.getByText(/^failed The core did not start/)
  await expect(handle?.receipt).rejects.toMatchObject({ code: 'internal/wasm-load', cause: broken })
  broken = undefined
  expect(vi.mocked(console.error).mock.calls).toHaveLength(1)
  vi.mocked(console.error).mockReset()
  await act(async () => client?.connect())
  act(() => welcome(FakeCore.last))
  screen.getByText('connected')
})

test('a provider that is gone before its core is there starts nothing', async () => {
  vi.useFakeTimers()
  broken = new Error('404')
  const { unmount } = page({ url: '/ws' })
  await settle()
  unmount()
  await settle()
  const before = FakeCore.last
  broken = undefined
  await vi.advanceTimersByTimeAsync(20_000)
  expect(made).toHaveLength(1)
  expect(FakeCore.last).toBe(before)
})
