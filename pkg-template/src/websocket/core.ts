/** The boundary to the core of a bare socket: src/bindings/socket.rs is its other half. */

/** What goes over a socket. Bytes are the core's own copy. */
export type Data = string | Uint8Array<ArrayBuffer> | Blob

/** Every option, checked and with its default filled in. Times in milliseconds. */
export interface SocketCoreOptions {
  resolveTimeoutMs: number
  connectTimeoutMs: number
  backoff: { minMs: number; maxMs: number; factor: number; stableMs: number; fastAttempts: number; slowMs: number; maxAttempts: number }
  /** 0 or `undefined`: none. */
  heartbeat: { ping: Data | undefined; pong: string | undefined; intervalMs: number; timeoutMs: number; probeMs: number; silenceMs: number }
  queue: { max: number; maxBytes: number }
  /** A random u32. */
  seed: number
}

/** What the core calls. It is never borrowed while it does, so any call back into it is safe. */
export interface SocketCoreHost {
  readonly hasToken: false
  /** An attempt begins: where to, offering what. */
  endpoint(): Promise<readonly [url: string, protocols: readonly string[]]>
  /** Makes a socket; may throw. */
  open(url: string, protocols: readonly string[]): WebSocket
  message(data: string | ArrayBuffer): void
  /** `state`, `cause` and `retryMs` belong to the kind `STATE`; `retryMs` is negative when no attempt is planned. */
  event(kind: number, state: number, cause: number, retryMs: number): void
}

/** One socket over many connections. */
export interface SocketCore {
  connect(): void
  reconnect(code: number, reason: string): void
  close(code: number, reason: string): void
  send(data: Data, size: number): boolean
  drain(): Data[]
  readonly attempt: number
  readonly waiting: number
  readonly buffered: number
}

/** States that the core tells. */
export const CONNECTED = 2
export const FAILED = 5

/** Why a connection ended, by the number of its error code (src/error.rs); for what no close code says. */
export const causes: Readonly<Record<number, string>> = {
  25: 'lost/network',
  26: 'lost/heartbeat',
  29: 'lost/page-hidden',
  30: 'lost/provider',
  31: 'late/resolve',
  32: 'late/open',
}
export const PAGE_HIDDEN = 29
