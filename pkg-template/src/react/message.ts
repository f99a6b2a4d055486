/** `useWebSocketMessage`: one handler for one kind of message. */
import { useEffect } from 'react'
import type { Channel } from '../channel.ts'
import type { Client } from '../client.ts'
import type { EventMap, EventPattern, Listener, RegisteredEvents } from '../events.ts'
import { useTautline } from './context.ts'
import { useLatest } from './latest.ts'

/** Options of {@link useWebSocketMessage}. */
export interface MessageOptions {
  /** Hears the messages of this channel, and keeps it subscribed. Default: of every channel that is subscribed elsewhere. */
  readonly channel?: string | undefined
}

/**
 * Hears an event, all (`'*'`), or all that begin alike (`'STORAGE_*'`). Every message is heard, also when many come at once. Another function
 * with every render is fine.
 *
 * @example
 * useWebSocketMessage('MESSAGE_RECEIVED', ({ text }) => add(text))
 */
export function useWebSocketMessage<Pattern extends EventPattern<Events>, Events extends object = RegisteredEvents>(
  event: Pattern,
  handler: Listener<Events, Pattern>,
  { channel }: MessageOptions = {},
): void {
  const client = useTautline() as unknown as Client<EventMap>
  const latest = useLatest(handler as unknown as Listener<EventMap, string>)
  useEffect(() => {
    const source: Client<EventMap> | Channel<EventMap> = channel ? client.channel(channel) : client
    return source.on<string>(event, (payload, message) => latest.current(payload, message))
  }, [client, channel, event, latest])
}
