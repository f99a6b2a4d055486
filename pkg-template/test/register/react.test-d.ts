/** The same, in React. */
import { useRealtimeChannel, useTautline, useWebSocketMessage, useWebSocketSend } from 'tautline/react'
import { expectTypeOf } from 'vitest'

export function useRegistered(): void {
  useWebSocketMessage('message', ({ text }) => expectTypeOf(text).toBeString())
  // @ts-expect-error no such event
  useWebSocketMessage('other', () => {})
  useRealtimeChannel({ channel: 'room', events: { message: ({ text }) => expectTypeOf(text).toBeString() } })
  useWebSocketSend()('message', { text: 'hi' })
  useTautline().on('message', ({ text }) => expectTypeOf(text).toBeString())
}
