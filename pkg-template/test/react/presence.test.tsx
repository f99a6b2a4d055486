import { act, render } from '@testing-library/react'
import { beforeEach, expect, test, vi } from 'vitest'
import { PRESENCE, TYPING } from '../../src/core.ts'
import { createClient, presets } from '../../src/json/index.ts'
import {
  type RealtimeChat, type RealtimePresence, type RealtimeTyping, TautlineProvider, useRealtimeChat, useRealtimePresence, useRealtimeTyping,
} from '../../src/react/index.ts'
import type { FakeCore } from '../fake-core.ts'
import { ScriptedSocket } from '../scripted-socket.ts'
import { open, settle, subscribe } from './bench.tsx'

let presence: RealtimePresence | undefined
function Room({ away, user = { id: 'ada', name: 'Ada' } }: { readonly away?: number; readonly user?: { id: string; name: string } | null }) {
  presence = useRealtimePresence({ channel: 'room', user, awayAfterMs: away })
  return null
}

const states = (core: FakeCore): unknown[] => core.of('track').map(([, json]) => JSON.parse(json as string))
const say = (core: FakeCore, { joined = [], updated = [], left = [] }: Partial<Record<'joined' | 'updated' | 'left', object[]>>): void =>
  act(() => core.tell(PRESENCE, 1, 0, 0, [joined, updated, left]))
const member = (id: string, state: object, user?: string): object => ({ id, version: 1, state, ...(user && { user }) })

beforeEach(() => {
  vi.useFakeTimers()
})
const later = (ms: number): Promise<void> => act(async () => void (await vi.advanceTimersByTimeAsync(ms)))

test('StrictMode tells who the user is once', async () => {
  const { core } = open(<Room />)
  await settle()
  expect(core.of('subscribe')).toEqual([[1, true]])
  expect(states(core)).toEqual([{ id: 'ada', name: 'Ada', status: 'online' }])
})

test('a server without words for presence and typing is told of in the console, and the page goes on', async () => {
  let chat: RealtimeChat | undefined
  let typing: RealtimeTyping | undefined
  function Everything() {
    chat = useRealtimeChat('room', { id: 'ada', name: 'Ada' })
    typing = useRealtimeTyping({ channel: 'other' })
    return <Room />
  }
  vi.stubGlobal('WebSocket', ScriptedSocket)
  vi.mocked(console.warn).mockImplementation(() => {})
  const client = createClient({ url: 'ws://x/', protocol: presets.channels })
  // From here on what the server has no word for throws at the call.
  client.connect()
  render(<TautlineProvider client={client}><Everything /></TautlineProvider>)
  await settle()
  typing?.typing()
  typing?.typing()
  expect([chat?.members, chat?.typingUsers, typing?.typingUsers, presence?.users]).toEqual([[], [], [], []])
  const told = vi.mocked(console.warn).mock.calls.map(([error]) => String((error as { code?: string }).code))
  // Presence and typing in one room, typing and saying so in the other.
  expect(told).toEqual(Array(4).fill('misuse/unsupported'))
  vi.mocked(console.warn).mockReset()
  client.destroy()
  vi.unstubAllGlobals()
})

test('a user object that is new with every render is told once, another one at once', async () => {
  const { core, show } = open(<Room />)
  await settle()
  show(<Room user={{ id: 'ada', name: 'Ada' }} />)
  await later(1_000)
  expect(states(core)).toHaveLength(1)
  show(<Room user={{ id: 'ada', name: 'Ada L.' }} />)
  await later(1_000)
  expect(states(core).at(-1)).toEqual({ id: 'ada', name: 'Ada L.', status: 'online' })
})

test('two components are one presence, which ends with the last', async () => {
  const { core, show } = open(<><Room key="a" /><Room key="b" /></>)
  await settle()
  show(<><Room key="b" /></>)
  await later(1_000)
  expect(core.of('untrack')).toHaveLength(0)
  show(<></>)
  await later(1_000)
  expect(core.of('track')).toHaveLength(1)
  expect(core.of('untrack')).toHaveLength(1)
})

test('without a user the component only looks', async () => {
  const { core } = open(<Room user={null} />)
  await later(1_000)
  expect(core.of('subscribe')).toEqual([[1, true]])
  expect(core.of('track')).toHaveLength(0)
})

test('a person with several tabs is one user, as present as the most present of them', async () => {
  const { core } = open(<Room />)
  await settle()
  say(core, { joined: [member('me', { id: 'ada' }), member('b1', { id: 'bob', name: 'Bob', status: 'away' }), member('b2', { id: 'bob', status: 'online' })] })
  expect(presence?.onlineCount).toBe(2)
  expect(presence?.users).toMatchObject([
    { id: 'ada', self: true, connections: 1 },
    { id: 'bob', name: 'Bob', self: false, connections: 2, status: 'online' },
  ])
  say(core, { left: [member('b2', {})] })
  expect(presence?.users[1]).toMatchObject({ status: 'away', connections: 1 })
})

test('nobody can be somebody else where tokens are used, and nonsense harms nobody', async () => {
  const { core } = open(<Room />)
  await settle()
  say(core, { joined: [member('m', { id: 'ada', status: 'nonsense', self: true }, 'mallory'), member('n', 7 as never), member('o', { id: 5, __proto__: null })] })
  expect(presence?.users).toMatchObject([{ id: 'mallory', status: 'online', self: false }, { id: 'n' }, { id: 'o' }])
})

test('updateStatus tells the others', async () => {
  const { core } = open(<Room />)
  await settle()
  act(() => presence?.updateStatus('busy'))
  await later(1_000)
  expect(presence?.status).toBe('busy')
  expect(states(core).at(-1)).toMatchObject({ status: 'busy' })
})

test('a user who gives no sign is away, and back with the first one; who is busy stays busy', async () => {
  const { core } = open(<Room away={60_000} />)
  await settle()
  await later(59_000)
  act(() => void document.dispatchEvent(new Event('keydown')))
  await later(59_000)
  expect(presence?.status).toBe('online')
  await later(2_000)
  await later(1_000)
  expect(states(core).at(-1)).toMatchObject({ status: 'away' })
  act(() => void document.dispatchEvent(new Event('pointermove')))
  await later(1_000)
  expect(states(core).at(-1)).toMatchObject({ status: 'online' })
  act(() => presence?.updateStatus('busy'))
  await later(100_000)
  expect(presence?.status).toBe('busy')
})

test('after a lost line the same users are there, and the user is told again by the client alone', async () => {
  const { core } = open(<Room />)
  await settle()
  act(() => subscribe(core))
  say(core, { joined: [member('b', { id: 'bob' })] })
  act(() => core.state(3, 25))
  expect(presence?.users).toHaveLength(1)
  expect(presence?.channelStatus).toBe('subscribing')
})

test('typing shows the people behind it, without oneself', async () => {
  let typing: RealtimeTyping | undefined
  function Line() {
    typing = useRealtimeTyping({ channel: 'room' })
    return null
  }
  const { core } = open(<><Room /><Line /></>)
  await settle()
  say(core, { joined: [member('me', { id: 'ada' }), member('b', { id: 'bob', name: 'Bob' })] })
  act(() => core.tell(TYPING, 1, 0, 0, ['me', 'b', 'c']))
  expect(typing?.typingUsers).toMatchObject([{ id: 'bob', name: 'Bob' }, { id: 'c' }])
  act(() => subscribe(core))
  typing?.typing()
  typing?.typing(false)
  expect(core.of('typing')).toEqual([[1, true], [1, false]])
})

test('a name or a picture that is no text is none: a page that shows it goes on', async () => {
  const { core } = open(<Room />)
  await settle()
  subscribe(core)
  say(core, { joined: [member('b', { id: 'bob', name: { toString: 1 }, avatar: ['x'], mood: 'odd' })] })
  await later(50)
  expect(presence?.users).toEqual([{ id: 'bob', mood: 'odd', status: 'online', self: false, connections: 1 }])
})
