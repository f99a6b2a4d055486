/**
 * The boundary to the core: what the generated glue offers, and what it wants of us. src/bindings is its
 * other half. Not here: how it is loaded (load.ts).
 */

/** Every option, checked and with its default filled in. Times in milliseconds. */
export interface CoreOptions {
  resolveTimeoutMs: number
  connectTimeoutMs: number
  handshakeTimeoutMs: number
  ackTimeoutMs: number
  requestTimeoutMs: number
  subscribeTimeoutMs: number
  backoff: { minMs: number; maxMs: number; factor: number; stableMs: number; fastAttempts: number; slowMs: number }
  /** 0: what the server says. */
  heartbeat: { intervalMs: number; timeoutMs: number; probeMs: number }
  /** Overflow 0 rejects the newest, 1 drops the oldest. */
  queue: { max: number; maxBytes: number; overflow: number }
  /** 0 messages: no limit but the server's. */
  rate: { messages: number; perMs: number }
  /** Names the sender, and is a secret. */
  session: string
  /** A random u32. */
  seed: number
}

/** A message's envelope as it came from the server: nothing in it is certain. */
export interface Envelope {
  readonly from?: unknown
  readonly user?: unknown
  readonly time?: unknown
  readonly id?: unknown
}

/** What the core calls. It is never borrowed while it does, so any call back into it is safe. */
export interface CoreHost {
  readonly hasToken: boolean
  url(): Promise<string>
  token(why: 'connect' | 'refresh' | 'refused'): Promise<string | undefined>
  message(channel: number, event: string, payload: unknown, offset: number, flags: number, frame: Envelope): void
  event(kind: number, a: number, b: number, c: number, value: unknown): void
  /** The frame of a message that went the short way and is not settled. */
  kept?(id: number): string | undefined
  /** Set by the core. */
  frames?: Frames | undefined
  /** The newest, set when it begins to open. */
  socket?: WebSocket | undefined
}

/** The core's half in JavaScript: src/bindings/short.js. */
export interface Frames {
  /** The frame of a message for the short way. Throws, or has a `size` of 0 or less, where JSON cannot say the payload. */
  frame(id: number, channel: string, event: string, payload: unknown): string
  /** Of the payload in the frame that was written last. */
  readonly size: number
  /** Sends such a frame. */
  post(frame: string): void
}

/** One client. */
export interface CoreApi {
  /** Does a verb that carries no message. `about`: the channel or the message that it is about. */
  call(verb: number, about?: number, flag?: boolean): boolean
  /**
   * Does a verb that carries a message: its id, or the negative number of an error code (codes.ts). What has an id is carried out
   * with the next `call`, so that the core speaks of no id that nobody knows. `event` is JSON, and so is the state of `TRACK`,
   * which stands in its place. `ttlMs`: of a request, how long the answer may take. `id`: of what is restored.
   */
  say(verb: number, channel: number, event: string, payload?: Encoded, size?: number, ttlMs?: number, id?: number): number
  /**
   * Sends a message the short way: whether it goes out now, and then {@link Frames.post} has to send its frame. If not, it has not the next
   * id, or there is more to do, which `say` does. Only some cores know it.
   */
  post?(id: number, channel: number, size: number): boolean
  /** The id of a channel's name. */
  channel(name: string): number
  /** Takes over the outbox of an earlier life. Only before everything else; false if it is too late. */
  adopt(session: string, lastId: number): boolean
  /** Speaks to another server from now on, as the dialect's options say. Only cores of hand-written servers can. */
  speak?(options: object): void
  /** What it is now and what it counted, by place: src/bindings/snapshot.rs writes it, info.ts gives it names. */
  numbers(): readonly number[]
  free(): void
}

/** How the core is made. */
export type CoreConstructor = new (options: CoreOptions, host: CoreHost) => CoreApi

/** A payload ready to go: JSON, bytes or nothing. */
export type Encoded = string | Uint8Array | undefined

/** The `kind` of {@link CoreHost.event}. */
export const STATE = 1
export const WELCOME = 2
export const SUBSCRIBED = 3
export const SUBSCRIBE_FAILED = 4
export const GAP = 5
export const SENT = 6
export const ACKED = 7
export const FAILED = 8
export const REPLY = 9
export const REQUEST_FAILED = 10
export const PRESENCE = 11
export const TYPING = 12
export const PROBLEM = 13
export const LATENCY = 14
export const REQUEUED = 15
export const TOKEN = 16
export const PARTED = 17

/** Flags of {@link CoreHost.message}. */
export const REPLAYED = 1
export const SIGNAL = 2
export const BINARY = 4

/** The verbs of {@link CoreApi.call}. */
export const CONNECT = 0
export const CLOSE = 1
export const RETRY = 2
export const DESTROY = 3
export const REFRESH = 4
export const CANCEL = 5
export const CANCEL_REQUEST = 6
export const SUBSCRIBE = 7
export const UNSUBSCRIBE = 8
export const TYPE = 9
export const UNTRACK = 10
export const WAKE = 11

/** The verbs of {@link CoreApi.say}. */
export const PUBLISH = 0
export const PUBLISH_VOLATILE = 1
export const SAY_SIGNAL = 2
export const REQUEST = 3
export const RESTORE = 4
export const TRACK = 5
export const PUBLISH_FIRST = 6
