/** `realtimeManager`: the same client as one object, for applications that pass one around. */
import type { Client } from '../client.ts'
import type { EventMap, Message, Unsubscribe } from '../events.ts'
import type { Member } from '../presence.ts'
import type { SendHandle } from '../send.ts'
import type { ConnectionStatus } from '../state.ts'
import { getWebSocketClient } from './client.ts'

/** What to do with a channel's messages: one function for all, or one by event. */
export type RealtimeHandlers =
  | ((payload: unknown, message: Message) => void)
  | Readonly<Record<string, (payload: unknown, message: Message) => void>>

/** See {@link realtimeManager}. */
export interface RealtimeManager {
  /** The client behind it: {@link getWebSocketClient}. */
  readonly client: Client<EventMap>
  /** The connection. */
  readonly status: ConnectionStatus
  /** Whether messages flow. */
  readonly isConnected: boolean
  /** Connects, and stays connected. */
  connect(): void
  /** Ends the connection; what is unsent waits. */
  disconnect(): void
  /** Hears every change of `status`. */
  onStatusChange(listener: (status: ConnectionStatus) => void): Unsubscribe
  /** Is in a channel and hears it, until the result is called. Any number of callers make one subscription, which ends with the last. */
  subscribe(channel: string, handlers: RealtimeHandlers): Unsubscribe
  /** Sends to a channel. */
  broadcast(channel: string, event: string, payload?: unknown): SendHandle
  /** Is present in a channel with this state, until the result is called. */
  track(channel: string, state: unknown): Unsubscribe
  /** Who is present in a channel, now and after each change, until the result is called. */
  onPresence(channel: string, listener: (members: readonly Member[]) => void): Unsubscribe
}

const one = (): Client<EventMap> => getWebSocketClient<EventMap>()

/** The one client of the application as an object. Using it before `configureWebSocket` throws. */
export const realtimeManager: RealtimeManager = {
  get client() {
    return one()
  },
  get status() {
    return one().state.status
  },
  get isConnected() {
    return one().state.status === 'connected'
  },
  connect() {
    one().connect()
  },
  disconnect() {
    one().close()
  },
  onStatusChange(listener) {
    return one().onConnectionStateChange(({ status }) => listener(status))
  },
  subscribe(name, handlers) {
    const channel = one().channel(name)
    const ends = Object.entries(typeof handlers === 'function' ? { '*': handlers } : handlers).map(([event, handler]) =>
      channel.on(event, (payload, message) => handler(payload, message)),
    )
    ends.push(channel.subscribe())
    return () => {
      for (const end of ends) end()
    }
  },
  broadcast(channel, event, payload) {
    return one().channel(channel).send(event, payload)
  },
  track(channel, state) {
    const { presence } = one().channel(channel)
    presence.track(state as never)
    return () => presence.untrack()
  },
  onPresence(channel, listener) {
    const { presence } = one().channel(channel)
    const end = presence.onChange(({ members }) => listener(members))
    listener(presence.members)
    return end
  },
}
