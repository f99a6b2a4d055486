/** What a test wants refused, and whether it fits. */
import type { Unsubscribe } from '../events.ts'
import type { Frame } from './frames.ts'

/** What can be refused. */
export type Refusable = 'subscribe' | 'publish' | 'signal' | 'track' | 'request'

/** A reason of the protocol's; clients show it as `refused/<code>`. */
export type RefusalCode =
  | 'forbidden'
  | 'bad-frame'
  | 'too-large'
  | 'rate-limited'
  | 'channel-limit'
  | 'not-subscribed'
  | 'unknown-request'
  | 'unavailable'

/** How it is refused. */
export interface Refusal {
  /** Why. `rate-limited` and `unavailable` with `retryInMs` hold messages back instead of refusing them for good. */
  readonly code: RefusalCode
  /** Only in this channel. Default: in all. */
  readonly channel?: string | undefined
  /** Only this event, or this request. Default: all. */
  readonly event?: string | undefined
  /** The words. Default: those of a test. */
  readonly message?: string | undefined
  /** When to come again, in milliseconds. */
  readonly retryInMs?: number | undefined
  /** The limit that was reached. */
  readonly limit?: number | undefined
  /** How often. Default: until it is taken back. */
  readonly times?: number | undefined
}

/** The rules of a server. */
export class Refusals {
  readonly #rules = new Set<{ what: Refusable; refusal: Refusal; left: number }>()

  add(what: Refusable, refusal: Refusal): Unsubscribe {
    const rule = { what, refusal, left: refusal.times ?? Infinity }
    this.#rules.add(rule)
    return () => void this.#rules.delete(rule)
  }

  /** The `refused` frame for this frame, without what it is about; undefined if it may pass. */
  check(what: Refusable, frame: Frame): Frame | undefined {
    for (const rule of this.#rules) {
      const { code, channel, event, message = 'the test refuses it', retryInMs, limit } = rule.refusal
      if (rule.what !== what || (channel ?? frame['channel']) !== frame['channel'] || (event ?? frame['event']) !== frame['event']) continue
      rule.left -= 1
      if (rule.left <= 0) this.#rules.delete(rule)
      return { type: 'refused', code, message, retry: retryInMs, limit }
    }
    return undefined
  }
}
