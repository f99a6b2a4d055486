import { act, render, screen } from '@testing-library/react'
import { StrictMode } from 'react'
import { beforeEach, expect, test, vi } from 'vitest'
import { SUBSCRIBED } from '../../src/core.ts'
import type { EventMap } from '../../src/events.ts'
import { type Notifications, type Stats, useNotifications, useStats, useWebSocket, type WebSocketHook, type WebSocketOptions } from '../../src/react/index.ts'
import { createFake, FakeCore } from '../fake-core.ts'
import { open, settle, subscribe, welcome } from './bench.tsx'

vi.mock('../../src/index.ts', () => ({ createClient: createFake }))

beforeEach(() => {
  vi.useFakeTimers()
})
const later = (ms: number): Promise<void> => act(async () => void (await vi.advanceTimersByTimeAsync(ms)))

let socket: WebSocketHook<EventMap> | undefined
function Socket(options: WebSocketOptions) {
  socket = useWebSocket<EventMap>(options)
  return <p>{socket.status}</p>
}

test('useWebSocket makes one connection of its own, and destroys it with the component', async () => {
  const page = render(<StrictMode><Socket url="ws://localhost/" /></StrictMode>)
  await settle()
  const fake = FakeCore.last
  act(() => welcome(fake))
  screen.getByText('connected')
  expect(fake.of('connect')).toHaveLength(1)
  socket?.send('message', 1)
  expect(fake.of('publish')).toHaveLength(1)
  page.unmount()
  await settle()
  expect(fake.of('destroy')).toHaveLength(1)
})

test('its handlers hear what happens, each once, and those of the last render', async () => {
  const heard: string[] = []
  const handlers = (name: string): WebSocketOptions => ({
    onOpen: () => heard.push(`${name} open`),
    onClose: () => heard.push(`${name} close`),
    onError: ({ code }) => heard.push(`${name} ${code}`),
    onMessage: ({ event }) => heard.push(`${name} ${event}`),
  })
  const tree = (name: string) => <StrictMode><Socket url="ws://localhost/" {...handlers(name)} /></StrictMode>
  const page = render(tree('first'))
  await settle()
  act(() => welcome(FakeCore.last))
  page.rerender(tree('second'))
  act(() => FakeCore.last.deliver(0, 'hello', 1))
  act(() => FakeCore.last.state(3, 25))
  act(() => FakeCore.last.state(2))
  expect(heard).toEqual(['first open', 'second hello', 'second lost/network', 'second close', 'second open'])
})

test('lastMessage is the newest, and onMessage hears every one of a burst', async () => {
  const heard: unknown[] = []
  render(<Socket url="ws://localhost/" onMessage={({ payload }) => heard.push(payload)} />)
  await settle()
  act(() => {
    for (let n = 0; n < 100; n++) FakeCore.last.deliver(0, 'n', n)
  })
  await later(50)
  expect(heard).toHaveLength(100)
  expect(socket?.lastMessage?.payload).toBe(99)
})

test('while not enabled there is no connection', async () => {
  const page = render(<Socket url="ws://localhost/" enabled={false} />)
  await settle()
  screen.getByText('idle')
  page.rerender(<Socket url="ws://localhost/" enabled />)
  screen.getByText('connecting')
})

test('without a url it is the client of the provider, whose connection is not its own', async () => {
  const { client, core, show } = open(<Socket />)
  expect(socket?.client).toBe(client)
  show(<></>)
  await settle()
  expect(core.of('close')).toHaveLength(0)
})

let list: Notifications<{ title: string }> | undefined
const toasts: string[] = []
function Bell({ userId }: { readonly userId: string | undefined }) {
  list = useNotifications<{ title: string }>({ userId, limit: 2, onNotification: ({ id, payload }) => toasts.push(`${id} ${payload.title}`) })
  return null
}

test('notifications are collected, the newest first, and can be read and dismissed', async () => {
  const { core, client } = open(<Bell userId="ada" />)
  await settle()
  act(() => subscribe(core))
  for (const [index, title] of ['a', 'b', 'c'].entries()) act(() => core.deliver(1, 'notification', { title }, index + 1))
  await later(50)
  expect(client.channel('user:ada').listenerCount()).toBeGreaterThan(0)
  expect(list?.notifications.map(({ payload }) => payload.title)).toEqual(['c', 'b'])
  expect(toasts).toEqual(['e 1 a', 'e 2 b', 'e 3 c'])
  expect(list?.unreadCount).toBe(2)
  await act(async () => list?.markRead(list?.notifications[0]?.id))
  await later(50)
  expect(list?.unreadCount).toBe(1)
  await act(async () => list?.markRead())
  await act(async () => list?.dismiss('e 3'))
  await later(50)
  expect([list?.unreadCount, list?.notifications.map(({ id }) => id)]).toEqual([0, ['e 2']])
  await act(async () => list?.dismiss())
  await later(50)
  expect(list?.notifications).toEqual([])
})

test('a server that lost its memory counts from one again, and no two notifications are one', async () => {
  const { core } = open(<Bell userId="ada" />)
  await settle()
  act(() => subscribe(core))
  act(() => core.deliver(1, 'notification', { title: 'a' }, 1))
  act(() => core.tell(SUBSCRIBED, 1, 1, 0, ['"other"', 0]))
  act(() => core.deliver(1, 'notification', { title: 'b' }, 1))
  await later(50)
  expect(list?.notifications.map(({ id }) => id)).toEqual(['other 1', 'e 1'])
})

test('without a user there are no notifications and no channel', async () => {
  const { core } = open(<Bell userId={undefined} />)
  await settle()
  expect(list?.notifications).toEqual([])
  expect(core.of('subscribe')).toHaveLength(0)
})

test('notifications of another user do not stay', async () => {
  const { core, show } = open(<Bell userId="ada" />)
  await settle()
  act(() => core.deliver(1, 'notification', { title: 'a' }, 1))
  show(<Bell userId="bob" />)
  await later(50)
  expect(list?.notifications).toEqual([])
})

test('useStats reads what the client counts, again and again while somebody looks', async () => {
  let stats: Stats | undefined
  function Meter() {
    stats = useStats({ everyMs: 500 })
    return null
  }
  const { core, show } = open(<Meter />)
  await later(600)
  core.snapshot = core.snapshot.map((value, index) => (index === 4 ? 7 : index === 2 ? 3 : value))
  await later(600)
  expect([stats?.stats.sent, stats?.info.queueSize, stats?.info.state]).toEqual([7, 3, 'connected'])
  show(<></>)
  await settle()
  expect(vi.getTimerCount()).toBe(0)
})
