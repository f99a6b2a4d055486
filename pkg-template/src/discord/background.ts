/**
 * A clock for hidden pages. Browsers let their timers fire once a minute, too seldom for many a gateway; a worker's timers they leave alone.
 * In: whether the page is hidden. Out: ticks. Not here: what is due.
 */
const TICK_MS = 1_000

/** Ticks while it is started and the page is hidden. */
export class Background {
  readonly #tick: () => void
  readonly #refused: (why: string) => void
  #worker: Worker | undefined
  #address: string | undefined
  #forbidden = false
  readonly #look = (): void => this.#turn(document.visibilityState === 'hidden')
  readonly #leave = (): void => this.#turn(false)

  /** `refused`: told once, why there can be no worker. */
  constructor(tick: () => void, refused: (why: string) => void) {
    this.#tick = tick
    this.#refused = refused
  }

  start(): void {
    if (typeof document === 'undefined' || typeof Worker !== 'function') return
    document.addEventListener('visibilitychange', this.#look)
    addEventListener('pagehide', this.#leave)
    this.#look()
  }

  stop(): void {
    if (typeof document === 'undefined') return
    document.removeEventListener('visibilitychange', this.#look)
    removeEventListener('pagehide', this.#leave)
    this.#turn(false)
  }

  #turn(on: boolean): void {
    if (!on) {
      this.#worker?.terminate()
      this.#worker = undefined
      if (this.#address) URL.revokeObjectURL(this.#address)
      this.#address = undefined
    } else if (!this.#worker && !this.#forbidden) {
      this.#address = URL.createObjectURL(new Blob([`setInterval(postMessage,${TICK_MS},0)`], { type: 'text/javascript' }))
      try {
        this.#worker = new Worker(this.#address)
        this.#worker.onmessage = this.#tick
        this.#worker.onerror = () => this.#refuse()
      } catch {
        this.#refuse()
      }
    }
  }

  #refuse(): void {
    this.#forbidden = true
    this.#turn(false)
    this.#refused('The page may not start a worker: a policy with `worker-src blob:` allows it. Hidden, it may beat once a minute only.')
  }
}
