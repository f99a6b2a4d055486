/**
 * The time in which old and new shards both hear: each event is delivered once, by whichever hears it first.
 * The sessions number their events apart, so equal events are known by their content.
 */

/** Long enough for what is on its way to arrive on both. */
const LENGTH_MS = 5_000

interface Heard {
  old: number
  new: number
  delivered: number
}

/** One overlap. At first only the old shards deliver, and the new ones are listened to. */
export class Overlap {
  readonly #heard = new Map<string, Heard>()
  #shared = false
  #timer: ReturnType<typeof setTimeout> | undefined

  /** From now on both deliver. Resolves when the old ones are no longer needed. */
  share(): Promise<void> {
    this.#shared = true
    return new Promise((resolve) => {
      this.#timer = setTimeout(resolve, LENGTH_MS)
    })
  }

  /** Whether an event is to be delivered: nobody else told it. */
  admit(side: 'old' | 'new', event: string, data: unknown): boolean {
    const key = `${event} ${JSON.stringify(data)}`
    const heard = this.#heard.get(key) ?? { old: 0, new: 0, delivered: 0 }
    heard[side]++
    const fresh = this.#shared ? heard[side] > heard.delivered : side === 'old'
    if (fresh) heard.delivered++
    if (heard.old === heard.new && heard.delivered === heard.old) this.#heard.delete(key)
    else this.#heard.set(key, heard)
    return fresh
  }

  /** There is nothing to wait for any more. */
  end(): void {
    clearTimeout(this.#timer)
  }
}
