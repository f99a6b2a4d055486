/**
 * Decides when a shard may identify: bucket by bucket, five seconds apart, within the budget that the gateway grants a day.
 * All gateways of one origin share the buckets by Web Locks, also over tabs. Resuming needs none of it.
 * Source: "Sharding" and "Session Start Limit" in the gateway's documentation.
 */
import { TautlineError } from '../error.ts'

/** How many sessions may be started, as the gateway's information says. */
export interface SessionStartLimit {
  /** In a day. */
  readonly total: number
  /** Left of it. */
  readonly remaining: number
  /** Until it is `total` again, in milliseconds. */
  readonly reset_after: number
  /** How many shards may identify at once: those with another remainder of their id by this number. */
  readonly max_concurrency: number
}

/** Ends the turn of a shard: it identified, or gave up. Who said nothing has spent nothing, and the next one need not wait. */
export type Done = (identified: boolean) => void

type Release = () => void

const HOUR = 3_600_000

/** The turns of one gateway's shards. */
export class IdentifyQueue {
  readonly #name: string
  readonly #spacingMs: number
  readonly #perHour: number
  readonly #tails = new Map<number, Promise<void>>()
  #concurrency = 1
  #remaining = Infinity
  #resetAt = Infinity
  #total = Infinity
  /** When the sessions of the last hour were started. */
  #started: number[] = []

  /**
   * `name` is shared by all who identify with the same token. More than `perHour` in an hour is taken for a loop, and refused:
   * a gateway answers one by resetting the token.
   */
  constructor(name: string, spacingMs: number, perHour: number) {
    this.#name = name
    this.#spacingMs = spacingMs
    this.#perHour = perHour
  }

  /** Sessions that may still be started; `Infinity` where nobody said. */
  get remaining(): number {
    return this.#remaining
  }

  /** What the gateway's information says now. */
  update(limit: SessionStartLimit): void {
    this.#concurrency = Math.max(1, Math.floor(limit.max_concurrency))
    this.#total = limit.total
    this.#remaining = limit.remaining
    this.#resetAt = Date.now() + limit.reset_after
  }

  /**
   * Waits for the shard's turn. Call what it resolves with once the shard is ready or was lost; the next one of its bucket comes
   * five seconds later.
   *
   * @throws {TautlineError} `refused/rate-limited` when the budget is spent, or the shards identify again and again
   */
  async turn(shard: number, signal: AbortSignal): Promise<Done> {
    const bucket = shard % this.#concurrency
    const release = await (typeof navigator === 'object' && navigator.locks
      ? this.#locked(navigator.locks, bucket, signal)
      : this.#chained(bucket, signal))
    try {
      const at = this.#spend()
      let ended = false
      return (identified) => {
        if (ended) return
        ended = true
        if (identified) return void setTimeout(release, this.#spacingMs)
        this.#refund(at)
        release()
      }
    } catch (error) {
      release()
      throw error
    }
  }

  #locked(locks: LockManager, bucket: number, signal: AbortSignal): Promise<Release> {
    return new Promise((granted, failed) => {
      const hold = (): Promise<void> => new Promise((release) => granted(release))
      locks.request(`tautline:identify:${this.#name}:${bucket}`, { signal }, hold).catch(failed)
    })
  }

  async #chained(bucket: number, signal: AbortSignal): Promise<Release> {
    const before = this.#tails.get(bucket)
    let release!: Release
    this.#tails.set(bucket, new Promise((resolve) => (release = resolve)))
    await before
    if (!signal.aborted) return release
    release()
    throw signal.reason
  }

  /** Returns when: what was spent then can be given back. */
  #spend(): number {
    const now = Date.now()
    if (now >= this.#resetAt) {
      this.#remaining = this.#total
      this.#resetAt = now + 24 * HOUR
    }
    if (this.#remaining <= 0) {
      throw new TautlineError('refused/rate-limited', {
        message: 'No session may be started until the daily budget is reset.',
        details: { limit: this.#total, retryInMs: this.#resetAt - now },
      })
    }
    this.#started = this.#started.filter((at) => at > now - HOUR)
    const [oldest = now] = this.#started
    if (this.#started.length >= this.#perHour) {
      throw new TautlineError('refused/rate-limited', {
        message: 'So many sessions in an hour are a loop: look at why they end.',
        details: { limit: this.#perHour, retryInMs: oldest + HOUR - now },
      })
    }
    this.#started.push(now)
    this.#remaining--
    return now
  }

  #refund(at: number): void {
    const index = this.#started.indexOf(at)
    if (index >= 0) this.#started.splice(index, 1)
    this.#remaining = Math.min(this.#remaining + 1, this.#total)
  }
}
