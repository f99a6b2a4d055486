/** The one error type that applications meet, and how the core's numbers become one. */
import { codes, type ErrorBlame, type ErrorCode, words } from './codes.ts'

/** What else is known about an error. Each is there only where it applies. */
export interface ErrorDetails {
  /** What the server said about it. */
  readonly serverMessage?: string
  /** The limit that was reached: bytes, messages or channels. */
  readonly limit?: number
  /** What came instead, in the same unit. */
  readonly size?: number
  /** When to try again, in milliseconds, as the server says. */
  readonly retryInMs?: number
  /** True: it was sent before it failed, so it may have arrived. */
  readonly maybeDelivered?: boolean
  /** The close code of the connection. */
  readonly closeCode?: number
}

/** What an error is made of besides its code. */
export interface ErrorInit {
  /** More words, added to those of the code. */
  readonly message?: string
  /** See {@link TautlineError.details}. */
  readonly details?: ErrorDetails
  /** The error behind this one. */
  readonly cause?: unknown
}

const brand = Symbol.for('tautline.error')

const RETRYABLE = /^lost|^late|rate-limited|unavailable|overflow|expired$|not-connected/

/**
 * Every error of this package. Compare `code`, never the words: codes are stable.
 *
 * @example
 * try { await room.send('message', { text }).receipt } catch (error) {
 *   if (isTautlineError(error) && error.code === 'refused/too-large') …
 * }
 */
export class TautlineError extends Error {
  override readonly name = 'TautlineError'
  /** What went wrong. */
  readonly code: ErrorCode
  /** Whose fault it is. */
  readonly blame: ErrorBlame
  /** Whether the same call may succeed later. */
  readonly retryable: boolean
  /** What else is known. */
  readonly details: ErrorDetails

  constructor(code: ErrorCode, init: ErrorInit = {}) {
    const { message, details = {}, cause } = init
    const parts = [words[code], message, details.serverMessage && `The server says: ${details.serverMessage}`]
    super(`${parts.filter(Boolean).join(' ')} [${code}]`, cause === undefined ? undefined : { cause })
    this.code = code
    this.blame = code.slice(0, code.indexOf('/')) as ErrorBlame
    this.retryable = RETRYABLE.test(code) && code !== 'refused/token-expired'
    this.details = Object.freeze(details)
    Object.defineProperty(this, brand, { value: true })
  }
}

/** Whether something is a {@link TautlineError}, also one of another copy of this package or of another window. */
export function isTautlineError(value: unknown): value is TautlineError {
  return typeof value === 'object' && value !== null && (value as { [brand]?: unknown })[brand] === true
}

/** The error behind a number of the core, with what the server said or with the two sizes that the core compared. */
export function fromCore(code: number, said?: unknown, more: ErrorDetails = {}, cause?: unknown): TautlineError {
  const sizes = Array.isArray(said) && { limit: said[0] as unknown, size: said[1] as unknown }
  const { message, limit, size, retry } = (sizes || said || {}) as Record<string, unknown>
  const details: ErrorDetails = {
    ...(typeof message === 'string' && { serverMessage: message }),
    ...(typeof limit === 'number' && { limit }),
    ...(typeof size === 'number' && { size }),
    ...(typeof retry === 'number' && { retryInMs: retry }),
    ...more,
  }
  return new TautlineError(codes[code - 1] ?? 'refused/other', { details, cause })
}
