/** The connection as applications see it. */
import type { TautlineError } from './error.ts'

/**
 * `idle`: `connect` was not called. `connecting`: the first attempt. `connected`: messages flow. `reconnecting`: the line
 * was lost or the first attempt failed; the client goes on trying. `closed`: by `close` or `destroy`. `failed`: the server
 * does not want this client; only `connect` tries again.
 */
export type ConnectionStatus = 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'closed' | 'failed'

/** The connection at one moment. Frozen, and the same object until something changes. */
export type ConnectionState =
  | StateOf<'idle' | 'connecting' | 'connected' | 'closed'>
  | (StateOf<'reconnecting'> & {
      /** How long the wait until the next attempt is, counted from `since`; 0 while one is under way. */
      readonly retryInMs: number
    })
  | (StateOf<'failed'> & { readonly cause: TautlineError })

/** What every {@link ConnectionState} has. */
export interface StateOf<Status extends ConnectionStatus> {
  /** The state. */
  readonly status: Status
  /** When it began, in milliseconds since 1970. */
  readonly since: number
  /** Why, where there is a reason. */
  readonly cause?: TautlineError
  /** Only while `reconnecting`. */
  readonly retryInMs?: number
}

/** Every status, by the core's number for it. */
export const statuses: readonly ConnectionStatus[] = ['idle', 'connecting', 'connected', 'reconnecting', 'closed', 'failed']

/** Before anything happened. One object for all clients, so that a server's rendering and the browser's first agree. */
export const IDLE: ConnectionState = Object.freeze({ status: 'idle', since: 0 })
