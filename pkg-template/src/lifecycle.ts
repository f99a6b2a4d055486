/** What the client tells about itself, as opposed to the application's events. Types only. */
import type { TautlineError } from './error.ts'
import type { SendHandle } from './send.ts'
import type { ConnectionState } from './state.ts'

/** The events of {@link Client.onLifecycle}. */
export interface LifecycleEvents {
  /** The connection changed. */
  state: ConnectionState
  /** The server welcomed the client. */
  welcome: Welcome
  /** A subscription stands: the first time, or again after a reconnect. */
  subscribed: Subscribed
  /** Messages of a channel may be missing: fetch its state again. */
  gap: Gap
  /** Something went wrong that belongs to no call. */
  problem: Problem
  /** A listener threw. */
  listenerError: ListenerError
  /** A heartbeat came back. */
  latency: Latency
  /** The server took a token. */
  token: TokenAccepted
  /** Messages that an earlier page left unsettled are in the queue again, see {@link QueueOptions.persist}. */
  restored: Restored
  /** The client speaks to the other kind of server now; only clients of `tautline/env` do that. */
  switched: Switched
  /** A socket begins to open: for tools that look at frames, see {@link Client.socket}. */
  socket: WebSocket
}

/** See {@link LifecycleEvents.welcome}. */
export interface Welcome {
  /** The connection's name at the server. */
  readonly connectionId: string
  /** This client's public name, as in presence; the same over reconnects. */
  readonly member: string
  /** The token's user. */
  readonly user: string | undefined
  /** Whether the server still knew this client. */
  readonly resumed: boolean
}

/** See {@link LifecycleEvents.subscribed}. */
export interface Subscribed {
  /** Which channel. */
  readonly channel: string
  /** Whether this is the first time. */
  readonly first: boolean
  /** Whether nothing was missed since the last time; true the first time. */
  readonly recovered: boolean
  /** How many missed messages follow now. */
  readonly replaying: number
}

/** See {@link LifecycleEvents.gap}. */
export interface Gap {
  /** Which channel. */
  readonly channel: string
  /** The last message that is here. */
  readonly lastOffset: number
  /** The one that comes next. */
  readonly nextOffset: number
}

/** See {@link LifecycleEvents.problem}. */
export interface Problem {
  /** What. */
  readonly error: TautlineError
  /** Where, if in a channel. */
  readonly channel: string | undefined
}

/** See {@link LifecycleEvents.listenerError}. */
export interface ListenerError {
  /** What was thrown. */
  readonly error: unknown
  /** The event that the listener heard. */
  readonly event: string
  /** The channel, if it listened to one. */
  readonly channel: string | undefined
}

/** See {@link LifecycleEvents.latency}. */
export interface Latency {
  /** How long it took, in milliseconds. */
  readonly ms: number
}

/** See {@link LifecycleEvents.token}. */
export interface TokenAccepted {
  /** For how long it holds, in milliseconds; undefined if for ever. */
  readonly expiresInMs: number | undefined
}

/** See {@link LifecycleEvents.restored}. */
export interface Restored {
  /** In the order they were sent. */
  readonly messages: readonly RestoredMessage[]
}

/** A message that an earlier page left unsettled. */
export interface RestoredMessage {
  /** Its channel; `''` with servers that have no channels. */
  readonly channel: string
  /** Its event. */
  readonly event: string
  /** What it carries. */
  readonly payload: unknown
  /** What becomes of it. */
  readonly handle: SendHandle
}

/**
 * Why a client speaks to the other kind of server. `asked`: `switchTo` was called. `unwelcomed`: the server took the connection and
 * did not welcome us in time. `failed`: the state was `failed`.
 */
export type SwitchReason = 'asked' | 'unwelcomed' | 'failed'

/** See {@link LifecycleEvents.switched}. */
export interface Switched {
  /** The kind until now. */
  readonly from: 'plain' | 'discord'
  /** The kind from now on. */
  readonly to: 'plain' | 'discord'
  /** Why. */
  readonly reason: SwitchReason
  /** What was wrong, unless it was asked for. */
  readonly cause: TautlineError | undefined
}
