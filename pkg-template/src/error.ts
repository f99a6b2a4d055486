/** The one error type that applications meet, and how the core's numbers become one. */
import { codes, type ErrorBlame, type ErrorCode, wordsOf } from './codes.ts'

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

const RETRYABLE = /^lost|^late|rate-limited|unavailable|overflow|dropped.expired|not-connected/

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
    const parts = [wordsOf(code), message, details.serverMessage && `The server says: ${details.serverMessage}`]
    super(`${parts.filter(Boolean).join(' ')} [${code}]`, cause === undefined ? undefined : { cause })
    this.code = code
    this.blame = code.split('/')[0] as ErrorBlame
    this.retryable = RETRYABLE.test(code)
    this.details = Object.freeze(details)
    Object.defineProperty(this, brand, { value: true })
  }
}

/** Throws `misuse/invalid-option`. */
export function invalid(option: string, expected: string, came: unknown): never {
  throw new TautlineError('misuse/invalid-option', { message: `${option}: expected ${expected}; came: ${shown(came)}.` })
}

/** What came, as an error shows it: a text or a number as it is, of all else only what it is. */
export function shown(came: unknown): string {
  return typeof came === 'string' || typeof came === 'number' ? String(came).slice(0, 60) || 'an empty text' : kindOf(came)
}

/** What something is, and no more: it may be a secret. */
export function kindOf(value: unknown): string {
  return value === null ? 'null' : typeof value
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
