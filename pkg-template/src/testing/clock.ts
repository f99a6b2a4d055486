/** A clock that a test turns: timers, `Date` and `performance.now`, for runners without fake timers or with a taste for one clock. */

/** Options of {@link createClock}. */
export interface ClockOptions {
  /** What time it is at first, in milliseconds since 1970. Default: the real time. */
  readonly now?: number | undefined
}

/** Time, until `restore`. */
export interface VirtualClock {
  /** What time it is, in milliseconds since 1970. */
  readonly now: number
  /** How many timers are set. */
  readonly timers: number
  /**
   * Lets time pass: every timer that is due fires in order, and after each one promises, messages and effects come to rest.
   * With `ms` 0 only what is due already.
   *
   * @throws what a timer throws
   */
  advance(ms: number): Promise<void>
  /** Gives the real time back. Timers that were set are gone. */
  restore(): void
  /** The same as `restore`, for `using clock = createClock()`. */
  [Symbol.dispose](): void
}

interface Timer {
  readonly id: number
  at: number
  readonly everyMs: number | undefined
  readonly fire: () => void
}

/** What Node's timers can do besides being a number. */
interface Handle {
  ref(): Handle
  unref(): Handle
  hasRef(): boolean
  [Symbol.toPrimitive](): number
}

const NAMES = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] as const

/**
 * Puts a clock that stands still in the place of `setTimeout`, `setInterval`, `Date` and `performance.now`, until `restore`. Microtasks, `setImmediate` and
 * animation frames stay as they are. The fake timers of Vitest and Jest do as well for Tautline: use one of them.
 *
 * @example
 * const clock = createClock()
 * afterEach(() => clock.restore())
 * await clock.advance(60_000)
 *
 * @throws {Error} if time is faked already
 */
export function createClock({ now = Date.now() }: ClockOptions = {}): VirtualClock {
  // What sinon-fake-timers marks, on which Vitest and Jest build.
  if ('clock' in setTimeout || 'clock' in Date) throw new Error('createClock: time is faked already. Use one clock: restore the other first.')
  return new Clock(now)
}

class Clock implements VirtualClock {
  declare [Symbol.dispose]: () => void
  #now: number
  #lastId = 0
  readonly #start = performance.now()
  readonly #epoch: number
  readonly #timers = new Map<number, Timer>()
  readonly #real = Object.fromEntries(NAMES.map((name) => [name, globalThis[name]])) as Pick<typeof globalThis, (typeof NAMES)[number]>

  constructor(now: number) {
    this.#now = now
    this.#epoch = now
    const add = (repeat: boolean) => (call: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => this.#add(repeat, call, ms, args)
    const remove = (handle: unknown): void => void this.#timers.delete(Number(handle))
    const { Date: RealDate } = this.#real
    const fake = {
      setTimeout: add(false),
      setInterval: add(true),
      clearTimeout: remove,
      clearInterval: remove,
      Date: new Proxy(RealDate, {
        get: (target, key, receiver) => (key === 'now' ? () => this.#now : Reflect.get(target, key, receiver)),
        construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [this.#now] : args, newTarget),
        apply: () => new RealDate(this.#now).toString(),
        has: (target, key) => key === 'clock' || key in target,
      }),
    }
    Object.assign(globalThis, fake)
    Object.defineProperty(performance, 'now', { value: () => this.#start + this.#now - this.#epoch, configurable: true, writable: true })
    if (Symbol.dispose) this[Symbol.dispose] = () => this.restore()
  }

  get now(): number {
    return this.#now
  }

  get timers(): number {
    return this.#timers.size
  }

  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await this.#settle()
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#now = Math.max(this.#now, next.at)
      if (next.everyMs === undefined) this.#timers.delete(next.id)
      else next.at = this.#now + next.everyMs
      next.fire()
      await this.#settle()
    }
    this.#now = end
  }

  restore(): void {
    this.#timers.clear()
    Object.assign(globalThis, this.#real)
    Reflect.deleteProperty(performance, 'now')
  }

  #add(repeat: boolean, call: (...args: unknown[]) => void, ms: number, args: unknown[]): number | Handle {
    const id = ++this.#lastId
    // No timer fires within the millisecond that it was set in, as in browsers and Node: a loop of them would never end.
    const wait = Math.max(1, Number(ms) || 0)
    this.#timers.set(id, { id, at: this.#now + wait, everyMs: repeat ? wait : undefined, fire: () => call(...args) })
    return typeof document === 'undefined' ? handleOf(id) : id
  }

  #next(end: number): Timer | undefined {
    let next: Timer | undefined
    for (const timer of this.#timers.values()) if (timer.at <= end && (!next || timer.at < next.at)) next = timer
    return next
  }

  /** A turn of the real event loop, in which everything that waits for no timer happens. */
  #settle(): Promise<void> {
    const { setTimeout } = this.#real
    return new Promise((resolve) => void setTimeout(resolve))
  }
}

function handleOf(id: number): Handle {
  const handle: Handle = { ref: () => handle, unref: () => handle, hasRef: () => true, [Symbol.toPrimitive]: () => id }
  return handle
}
