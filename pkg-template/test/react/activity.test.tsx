/** Parts of a page that are hidden and shown again: their effects end and begin, their state stays. `<Activity>` came with React 19.2. */
import { act, screen } from '@testing-library/react'
import { Activity, type ReactElement, useState } from 'react'
import { beforeEach, expect, test, vi } from 'vitest'
import * as core from '../../src/core.ts'
import { type RealtimeChat, TautlineProvider, useConnectionState, useRealtimeChannel, useRealtimeChat } from '../../src/react/index.ts'
import { createFake, FakeCore } from '../fake-core.ts'
import { advance, open, settle, subscribe, welcome } from './bench.tsx'

vi.mock('../../src/index.ts', () => ({ createClient: createFake }))

beforeEach(() => {
  vi.useFakeTimers()
})

const part = (hidden: boolean, inner: ReactElement): ReactElement => <Activity mode={hidden ? 'hidden' : 'visible'}>{inner}</Activity>

test('a hidden component leaves its channel and hears nothing, and a shown one joins once and hears everything once', async () => {
  const heard: string[] = []
  function Room() {
    const [count, set] = useState(0)
    const { isSubscribed } = useRealtimeChannel<{ message: string }>({
      channel: 'room',
      events: { message: (text) => (heard.push(text), set((n) => n + 1)) },
    })
    return <p>{count} {isSubscribed ? 'in' : 'out'}</p>
  }
  const page = open(part(false, <Room />))
  const joins = (): number[] => ['connect', 'subscribe', 'unsubscribe', 'close', 'destroy'].map((name) => page.core.of(name).length)
  act(() => subscribe(page.core))
  act(() => page.core.deliver(1, 'message', 'a'))
  screen.getByText('1 in')
  page.show(part(true, <Room />))
  await settle()
  expect(joins()).toEqual([1, 1, 1, 0, 0])
  act(() => page.core.deliver(1, 'message', 'b'))
  expect(heard).toEqual(['a'])
  page.show(part(false, <Room />))
  await settle()
  expect(joins()).toEqual([1, 2, 1, 0, 0])
  screen.getByText('1 out')
  act(() => subscribe(page.core))
  act(() => page.core.deliver(1, 'message', 'c', 2))
  expect(heard).toEqual(['a', 'c'])
  screen.getByText('2 in')
})

test('what is hidden and shown again at once neither leaves nor joins', async () => {
  function Room() {
    useRealtimeChannel({ channel: 'room', events: { message: () => {} } })
    return null
  }
  const page = open(part(false, <Room />))
  page.show(part(true, <Room />))
  page.show(part(false, <Room />))
  await settle()
  expect([page.core.of('subscribe'), page.core.of('unsubscribe')]).toEqual([[[1, false]], []])
})

test('a hidden conversation is left, and comes back with what is still on its way, with nothing twice', async () => {
  let chat: RealtimeChat | undefined
  function Chat() {
    chat = useRealtimeChat('room', { id: 'ada' })
    return null
  }
  const lines = (): string[] => (chat?.messages ?? []).map(({ text, status }) => `${text} ${status}`)
  const page = open(part(false, <Chat />))
  const join = async (messages: readonly object[]): Promise<void> => {
    await settle()
    act(() => subscribe(page.core))
    await settle()
    const asked = page.core.calls.filter(([name]) => name === 'publish' || name === 'request').length
    await act(async () => page.core.tell(core.REPLY, asked, 0, 0, { epoch: 'e', messages, more: false }))
    await advance(50)
  }
  const one = { event: 'message', offset: 1, from: 'b1', id: 1, time: 1, payload: { id: 'x1', text: 'one', user: { id: 'bob' } } }
  await join([one])
  await act(async () => void (await chat?.sendMessage('mine')))
  await advance(50)
  expect(lines()).toEqual(['one read', 'mine sending'])
  page.show(part(true, <Chat />))
  await advance(500)
  expect([page.core.of('subscribe').length, page.core.of('unsubscribe').length]).toEqual([1, 1])
  page.show(part(false, <Chat />))
  await join([one])
  expect(lines()).toEqual(['one read', 'mine sending'])
  expect(page.core.of('publish')).toHaveLength(1)
  expect([page.core.of('subscribe').length, page.core.of('unsubscribe').length]).toEqual([2, 1])
})

test('a provider that is hidden with its client of its own ends the connection, and makes one other when it is shown', async () => {
  function Status() {
    return <p>{useConnectionState().status}</p>
  }
  const app = <TautlineProvider url="/ws"><Status /></TautlineProvider>
  const page = open(undefined)
  page.show(part(false, app))
  await settle()
  const first = FakeCore.last
  expect(first).not.toBe(page.core)
  act(() => welcome(first))
  screen.getByText('connected')
  page.show(part(true, app))
  await settle()
  expect(first.of('destroy')).toHaveLength(1)
  expect(FakeCore.last).toBe(first)
  page.show(part(false, app))
  await settle()
  const second = FakeCore.last
  expect(second).not.toBe(first)
  act(() => welcome(second))
  screen.getByText('connected')
  expect([first, second].map((core) => core.of('connect').length)).toEqual([1, 1])
  expect(page.core.of('close')).toHaveLength(0)
})
