// @vitest-environment node
import { renderToString } from 'react-dom/server'
import { expect, test } from 'vitest'
import type { EventMap } from '../../src/events.ts'
import {
  TautlineProvider,
  useConnectionState,
  useNotifications,
  useRealtimeChannel,
  useRealtimeChat,
  useRealtimePresence,
  useRealtimeSync,
  useRealtimeTyping,
  useStats,
  useWebSocket,
  useWebSocketConnected,
  useWebSocketContext,
  useWebSocketMessage,
  useWebSocketSend,
} from '../../src/react/index.ts'
import { createFake, FakeCore } from '../fake-core.ts'

function Everything() {
  useRealtimeChannel<EventMap>({ channel: 'room', events: { message: () => {} } })
  useWebSocketMessage('message', () => {})
  useWebSocketSend()
  const texts = [
    useConnectionState().status,
    useWebSocketConnected(),
    useWebSocketContext().status,
    useWebSocket().status,
    useWebSocket({ url: 'wss://example.com/' }).status,
    useRealtimePresence({ channel: 'room', user: { id: 'ada' }, awayAfterMs: 1_000 }).onlineCount,
    useRealtimeTyping({ channel: 'room' }).typingUsers.length,
    useRealtimeSync({ channel: 'room', resource: 'todo', initialData: [{ id: 1 }] }).data.length,
    useRealtimeChat('room', { id: 'ada' }).messages.length,
    useNotifications({ userId: 'ada' }).unreadCount,
    useStats().info.queueSize,
  ]
  return <p>{texts.join(' ')}</p>
}

const EXPECTED = '<p>idle false idle idle idle 0 0 1 0 0 0</p>'

test('a server renders every hook, connects nothing, loads nothing and remembers no channel', () => {
  const client = createFake()
  expect(renderToString(<TautlineProvider client={client}><Everything /></TautlineProvider>)).toBe(EXPECTED)
  expect(client.state.status).toBe('idle')
  expect(client.listenerCount()).toBe(0)
  expect(FakeCore.last).toBeUndefined()
})

test('a server renders a provider with options', () => {
  expect(renderToString(<TautlineProvider url="wss://example.com/" protocol="json"><Everything /></TautlineProvider>)).toBe(EXPECTED)
})

test('a server renders what it can where the url is missing', () => {
  expect(renderToString(<TautlineProvider {...({} as { url: string })}><p>there</p></TautlineProvider>)).toBe('<p>there</p>')
})
