// Who may identify when: buckets by max_concurrency, a spacing in each, and the budget of the day.

export class IdentifyBuckets {
  /** @type {Map<number, number[]>} */
  #taken = new Map()
  #concurrency
  #spacingMs
  remaining
  total

  /** @param {{ concurrency: number, spacingMs: number, total: number, remaining: number }} limits */
  constructor({ concurrency, spacingMs, total, remaining }) {
    this.#concurrency = concurrency
    this.#spacingMs = spacingMs
    this.total = total
    this.remaining = remaining
  }

  get concurrency() {
    return this.#concurrency
  }

  /**
   * Judges one IDENTIFY. Too early still counts against the budget, as it does at Discord.
   * @param {number} shard
   * @param {number} now milliseconds
   * @returns {{ verdict: 'ok' | 'early' | 'exhausted', bucket: number, sinceMs: number | null }}
   */
  judge(shard, now) {
    const bucket = shard % this.#concurrency
    const last = this.#taken.get(bucket)?.at(-1)
    const sinceMs = last === undefined ? null : now - last
    if (this.remaining <= 0) return { verdict: 'exhausted', bucket, sinceMs }
    this.remaining -= 1
    // The clocks of two processes and a timer's rounding are not held against a client.
    if (sinceMs !== null && sinceMs < this.#spacingMs * 0.98 - 2) return { verdict: 'early', bucket, sinceMs }
    this.#taken.set(bucket, [...(this.#taken.get(bucket) ?? []), now])
    return { verdict: 'ok', bucket, sinceMs }
  }
}
