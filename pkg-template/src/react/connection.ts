/** The connection, as components see it. */
import { useCallback, useMemo } from 'react'
import type { Client, ClientSendOptions } from '../client.ts'
import type { TautlineError } from '../error.ts'
import type { EventName, RegisteredEvents, SendArguments } from '../events.ts'
import type { SendHandle } from '../send.ts'
import { type ConnectionState, type ConnectionStatus, IDLE } from '../state.ts'
import { useTautline } from './context.ts'
import { useWatched } from './store.ts'

const CHANGE = 'onConnectionStateChange'
type Watched = Pick<Client, 'state' | 'onConnectionStateChange'>

/** The connection's state, now and after each change. On a server, and while a page hydrates, `idle`. */
export function useConnectionState(): ConnectionState {
  return useStateOf(useTautline())
}

/** Whether messages flow now. Renders again only when that changes. */
export function useWebSocketConnected(): boolean {
  return useWatched(useTautline() as Watched, CHANGE, ({ state }) => state.status === 'connected', false)
}

/** Sends from anywhere, see {@link Client.send}. */
export type Send<Events extends object> = <Name extends EventName<Events>>(
  event: Name,
  ...rest: SendArguments<Events[Name], ClientSendOptions>
) => SendHandle

/** Sends over the provider's client; the same function until that changes. What is sent while offline waits its turn. */
export function useWebSocketSend<Events extends object = RegisteredEvents>(): Send<Events> {
  const client = useTautline<Events>()
  return useCallback((event, ...rest) => client.send(event, ...rest), [client])
}

/** What {@link useWebSocketContext} gives. */
export interface WebSocketContext<Events extends object = RegisteredEvents> {
  /** Everything else. */
  readonly client: Client<Events>
  /** The connection. */
  readonly status: ConnectionStatus
  /** Whether messages flow now. */
  readonly isConnected: boolean
  /** Why not, where there is a reason. */
  readonly error: TautlineError | undefined
  /** Sends, see {@link Client.send}. */
  readonly send: Send<Events>
  /** Connects, if the provider does not. */
  readonly connect: () => void
  /** Ends the connection; what is unsent waits. */
  readonly disconnect: () => void
}

/** The provider's client and its connection in one object, as hand-written contexts have it. Renders again with every change of the state. */
export function useWebSocketContext<Events extends object = RegisteredEvents>(): WebSocketContext<Events> {
  return useContextOf(useTautline<Events>())
}

/** The same, of any client. */
export function useContextOf<Events extends object>(client: Client<Events>): WebSocketContext<Events> {
  const state = useStateOf(client)
  return useMemo(
    () => ({
      client,
      status: state.status,
      isConnected: state.status === 'connected',
      error: state.cause,
      send: (event, ...rest) => client.send(event, ...rest),
      connect: () => client.connect(),
      disconnect: () => client.close(),
    }),
    [client, state],
  )
}

function useStateOf(client: Watched): ConnectionState {
  return useWatched(client, CHANGE, ({ state }) => state, IDLE)
}
