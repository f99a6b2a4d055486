/** The options of `useWebSocket`, by the names of react-use-websocket, and what they are for a `TautlineSocket`. */
import type { Message, TautlineSocketOptions } from '../../websocket/options.ts'

/** Where to: a URL, or a function that is asked for each attempt. */
export type UrlSource = string | (() => string | Promise<string>)

/** What is appended to the URL. */
export type QueryParams = Readonly<Record<string, string | number>>

/** What `sendMessage` takes. */
export type WebSocketMessage = Message

/** See {@link Options.heartbeat}. */
export interface HeartbeatOptions {
  /** What is sent. A function is asked once for each socket. Default `'ping'`. */
  readonly message?: string | (() => string) | undefined
  /** What answers it: such messages are for nobody else. Default: none; everything that comes is an answer, and is delivered. */
  readonly returnMessage?: string | undefined
  /** How long an answer may take, in milliseconds. Default 60,000. */
  readonly timeout?: number | undefined
  /** How often it is sent, in milliseconds. Default 25,000. */
  readonly interval?: number | undefined
}

/** Options of {@link useWebSocket}. Functions are always those of the last render; so other ones with every render are fine. */
export interface Options {
  /** One connection for all components that ask for the same URL with `share`; it ends with the last of them. Default false. */
  readonly share?: boolean | undefined
  /** Whether to come back when a connection ended. Of several that share it, one yes is enough. Default: no. */
  readonly shouldReconnect?: ((event: CloseEvent) => boolean) | undefined
  /** Whether to come back when a connection could not be made. Default false. */
  readonly retryOnError?: boolean | undefined
  /** How many attempts may follow in vain. Default 20. */
  readonly reconnectAttempts?: number | undefined
  /**
   * The wait before an attempt, in milliseconds; or a function of the number of attempts before it. Default: from 1,000 to 10,000, growing
   * and random, so that many clients do not come back at once.
   */
  readonly reconnectInterval?: number | ((attempts: number) => number) | undefined
  /** All attempts were in vain. */
  readonly onReconnectStop?: ((attempts: number) => void) | undefined
  /** Which messages become `lastMessage`. `onMessage` hears the others as well. Default: all. */
  readonly filter?: ((message: MessageEvent) => boolean) | undefined
  /** A connection stands, each time. */
  readonly onOpen?: ((event: Event) => void) | undefined
  /** A connection ended, each time. */
  readonly onClose?: ((event: CloseEvent) => void) | undefined
  /** Every message, once and in order, whatever React renders. */
  readonly onMessage?: ((event: MessageEvent) => void) | undefined
  /** A connection could not be made, or a message found no room in the queue. */
  readonly onError?: ((event: Event) => void) | undefined
  /** Appended to the URL. */
  readonly queryParams?: QueryParams | undefined
  /** Subprotocols to offer, best first. */
  readonly protocols?: string | readonly string[] | undefined
  /** How a dead line is noticed: `true` for the defaults. Default: not. */
  readonly heartbeat?: boolean | HeartbeatOptions | undefined
  /** Leaves `lastJsonMessage` null, and saves the parsing. Default false. */
  readonly disableJson?: boolean | undefined
}

/** The URL with its parameters. */
export function withQuery(url: string, query: string): string {
  if (query === '') return url
  return `${url}${url.includes('?') ? '&' : '?'}${query}`
}

/** The parameters as they stand in a URL. */
export function queryOf(params: QueryParams | undefined): string {
  return new URLSearchParams(Object.entries(params ?? {}).map(([name, value]) => [name, String(value)])).toString()
}

/** What does not change while a socket lives. */
export function socketOptions({ reconnectInterval, heartbeat }: Options): TautlineSocketOptions {
  const { message = 'ping', returnMessage, timeout = 60_000, interval = 25_000 } = typeof heartbeat === 'object' ? heartbeat : {}
  const delay = typeof reconnectInterval === 'number' ? reconnectInterval : undefined
  return {
    minReconnectionDelay: delay,
    maxReconnectionDelay: delay,
    ...(heartbeat && {
      heartbeat: { ping: typeof message === 'function' ? message() : message, pong: returnMessage, intervalMs: interval, timeoutMs: timeout },
    }),
  }
}
