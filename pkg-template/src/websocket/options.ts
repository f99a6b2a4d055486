/** Every option of a `TautlineSocket`, with its default and its trade-off. */
import type { Data, SocketCoreOptions } from './core.ts'
import { bytesOf } from './data.ts'

/** A URL: `ws:`, `wss:`, `http:`, `https:`, or relative to the page; or a function that gives one for each attempt. */
export type UrlProvider = string | URL | (() => string | URL | Promise<string | URL>)

/** Subprotocols to offer, best first; or a function that gives them for each attempt. */
export type ProtocolsProvider = ProtocolList | (() => ProtocolList | Promise<ProtocolList>)

type ProtocolList = string | readonly string[] | null | undefined

/** What a socket sends. */
export type Message = string | ArrayBufferLike | Blob | ArrayBufferView

/** A class whose objects behave as the browser's `WebSocket`: its own, or one such as that of the package `ws`. */
export interface WebSocketConstructor {
  // A method, so that classes with narrower or wider parameters fit.
  new (url: string, protocols?: string[]): object
}

/** Options of {@link TautlineSocket}; those of `reconnecting-websocket` and `partysocket` by the same names. */
export interface TautlineSocketOptions {
  /** Makes the connections. Default: the global `WebSocket`. Node has one since 22; before, give that of a package such as `ws`. */
  readonly WebSocket?: WebSocketConstructor | undefined
  /** The shortest wait between attempts, in milliseconds. Default 1,000. Waits spread from here up, so that many clients do not come back at once. */
  readonly minReconnectionDelay?: number | undefined
  /** The longest wait, in milliseconds. Default 10,000. */
  readonly maxReconnectionDelay?: number | undefined
  /** What the spread of the waits grows by from attempt to attempt. Default 1.3. */
  readonly reconnectionDelayGrowFactor?: number | undefined
  /** How long a connection must hold before the attempts count from zero again, in milliseconds. Default 5,000. */
  readonly minUptime?: number | undefined
  /** How long a connection may take to open, in milliseconds. Default 4,000. */
  readonly connectionTimeout?: number | undefined
  /** How many attempts may follow the first one in vain. Default `Infinity`. */
  readonly maxRetries?: number | undefined
  /** How many messages wait for a connection at most; then {@link TautlineSocket.send} fires `drop`. Default 10,000. */
  readonly maxEnqueuedMessages?: number | undefined
  /** How many bytes they may have together. Default 64 MiB. */
  readonly maxEnqueuedBytes?: number | undefined
  /** Connects only when `reconnect()` is called. Default false. */
  readonly startClosed?: boolean | undefined
  /** Asked when a connection ended or could not be made: `false` ends it all. Default: always come back. */
  readonly shouldReconnectOnClose?: ((event: CloseEvent) => boolean) | undefined
  /**
   * `'always'`: one object over many connections; `close` and `open` tell of each. `'until-open'`: tries until there is a
   * connection, and ends with it, as the standard has it. For libraries that make a new socket after each `close`
   * themselves, such as graphql-ws and y-websocket: with `'always'` they would have two. Default `'always'`.
   */
  readonly reconnect?: 'always' | 'until-open' | undefined
  /** How a dead line is noticed. Default: not before the system notices, which takes minutes, or for ever if nothing is sent. */
  readonly heartbeat?: SocketHeartbeat | undefined
  /** Tells what happens. Default false. */
  readonly debug?: boolean | undefined
  /** Whom `debug` tells. Default `console.log`. */
  readonly debugLogger?: ((...said: unknown[]) => void) | undefined
}

/** See {@link TautlineSocketOptions.heartbeat}. What is sent and awaited is between you and your server. */
export interface SocketHeartbeat {
  /** A message that the server answers, with anything at all. Default: none. */
  readonly ping?: string | ArrayBuffer | ArrayBufferView | undefined
  /** The text that answers it: such messages are not delivered. Default: none; whatever comes is an answer, and is delivered. */
  readonly pong?: string | undefined
  /** How often to send it, in milliseconds. Default 25,000. */
  readonly intervalMs?: number | undefined
  /** How long an answer may take, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number | undefined
  /** For a server that speaks by itself: longer silence is a dead line, in milliseconds. Default: none is. */
  readonly silenceMs?: number | undefined
}

/** Options after the check. */
export interface Settings {
  readonly WebSocket: WebSocketConstructor | undefined
  readonly startClosed: boolean
  readonly once: boolean
  readonly shouldReconnect: (event: CloseEvent) => boolean
  readonly log: ((...said: unknown[]) => void) | undefined
  readonly core: Omit<SocketCoreOptions, 'seed'>
}

/** Fills in the defaults and refuses what makes no sense. */
export function parseSocketOptions(given: TautlineSocketOptions): Settings {
  const { heartbeat = {}, reconnect = 'always', debug, debugLogger } = given
  if (reconnect !== 'always' && reconnect !== 'until-open') refuse('reconnect', "'always' or 'until-open'")
  const maxMs = atLeast(0, 'maxReconnectionDelay', given.maxReconnectionDelay, 10_000)
  const ping = heartbeat.ping === undefined ? undefined : typeof heartbeat.ping === 'string' ? heartbeat.ping : bytesOf(heartbeat.ping)
  return {
    WebSocket: given.WebSocket,
    startClosed: given.startClosed ?? false,
    once: reconnect === 'until-open',
    shouldReconnect: given.shouldReconnectOnClose ?? (() => true),
    // Looked up at each call: someone may put another console in its place.
    log: debug ? (debugLogger ?? ((...said) => console.log(...said))) : undefined,
    core: {
      resolveTimeoutMs: 15_000,
      connectTimeoutMs: atLeast(1, 'connectionTimeout', given.connectionTimeout, 4_000),
      backoff: {
        minMs: Math.min(maxMs, atLeast(0, 'minReconnectionDelay', given.minReconnectionDelay, 1_000)),
        maxMs,
        factor: atLeast(1, 'reconnectionDelayGrowFactor', given.reconnectionDelayGrowFactor, 1.3),
        stableMs: atLeast(0, 'minUptime', given.minUptime, 5_000),
        fastAttempts: 2 ** 32 - 1,
        // With its jitter of a quarter, no longer than the longest wait.
        slowMs: maxMs * 0.8,
        maxAttempts: atLeast(0, 'maxRetries', given.maxRetries, Infinity),
      },
      heartbeat: {
        ping: ping as Data | undefined,
        pong: heartbeat.pong,
        intervalMs: atLeast(1, 'heartbeat.intervalMs', heartbeat.intervalMs, 25_000),
        timeoutMs: atLeast(1, 'heartbeat.timeoutMs', heartbeat.timeoutMs, 10_000),
        probeMs: 4_000,
        silenceMs: atLeast(0, 'heartbeat.silenceMs', heartbeat.silenceMs, 0),
      },
      queue: {
        max: atLeast(0, 'maxEnqueuedMessages', given.maxEnqueuedMessages, 10_000),
        maxBytes: atLeast(0, 'maxEnqueuedBytes', given.maxEnqueuedBytes, 64 << 20),
      },
    },
  }
}

function atLeast(least: number, name: string, given: number | undefined, fallback: number): number {
  const value = given ?? fallback
  return value >= least ? value : refuse(name, `a number from ${least}`)
}

function refuse(name: string, expected: string): never {
  throw new TypeError(`TautlineSocket: option ${name}: expected ${expected}.`)
}
