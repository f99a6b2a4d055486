/** `useWebSocket`: a connection of a component's own. */
import { useEffect } from 'react'
import type { Client } from '../client.ts'
import type { TautlineError } from '../error.ts'
import type { Message, RegisteredEvents } from '../events.ts'
import { type WebSocketContext, useContextOf } from './connection.ts'
import { useClient } from './context.ts'
import { useLatest } from './latest.ts'
import type { ConnectionOptions } from './own.ts'
import { shared, Store, useStore } from './store.ts'
import { useConnected, useOwn } from './useOwn.ts'

/** Options of {@link useWebSocket}. */
export interface WebSocketOptions extends Partial<ConnectionOptions> {
  /** Whether to be connected. Default true. Says nothing about a provider's client. */
  readonly enabled?: boolean | undefined
  /** The connection stands, again after each loss. */
  readonly onOpen?: (() => void) | undefined
  /** The connection is gone. */
  readonly onClose?: (() => void) | undefined
  /** Why there is no connection, each time. */
  readonly onError?: ((error: TautlineError) => void) | undefined
  /** Hears every message. */
  readonly onMessage?: ((message: Message) => void) | undefined
}

/** What {@link useWebSocket} gives. */
export interface WebSocketHook<Events extends object = RegisteredEvents> extends WebSocketContext<Events> {
  /** The newest message; of many that come at once only the last is rendered, so act in `onMessage` instead. */
  readonly lastMessage: Message | undefined
}

/**
 * A connection that lives and ends with the component; options as those of `TautlineProvider`. Without `url` it is the client of the provider above.
 *
 * @example
 * const { status, send } = useWebSocket({ url: 'wss://example.com/ws', protocol: 'json', onMessage: ({ payload }) => add(payload) })
 */
export function useWebSocket<Events extends object = RegisteredEvents>(options: WebSocketOptions = {}): WebSocketHook<Events> {
  const { enabled = true, onOpen, onClose, onError, onMessage, ...connection } = options
  const above = useClient()
  const latest = useLatest(options)
  const given = connection.url === undefined ? above : undefined
  const client = useOwn(given, connection as ConnectionOptions)
  useConnected(client, enabled && !given)
  useEffect(() => {
    let open = client.state.status === 'connected'
    const ends = [
      client.on('*', (_, message) => latest.current.onMessage?.(message)),
      client.onConnectionStateChange(({ status, cause }) => {
        const was = open
        open = status === 'connected'
        if (cause) latest.current.onError?.(cause)
        if (open !== was) latest.current[open ? 'onOpen' : 'onClose']?.()
      }),
    ]
    return () => {
      for (const end of ends) end()
    }
  }, [client, latest])
  const lastMessage = useStore(
    shared(client, 'last', () => new Store<Message | undefined>(undefined, (store) => client.on('*', (_, message) => store.set(message)))),
  )
  const context = useContextOf(client as unknown as Client<Events>)
  return { ...context, lastMessage }
}
