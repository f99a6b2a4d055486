/**
 * Calls listeners: by name, by beginning (`'STORAGE_*'`), or all (`'*'`). Lists are replaced and never changed, so a running
 * `emit` keeps to the listeners it began with, less those that were removed meanwhile.
 */
import type { OnOptions, Unsubscribe } from './events.ts'

/** What is called. */
export type Heard = (first: unknown, second: unknown) => void

interface Entry {
  readonly pattern: string
  readonly prefix: string | undefined
  readonly heard: Heard
  readonly once: boolean
  live: boolean
  end: Unsubscribe
}

/** One set of listeners. */
export class Emitter {
  readonly #exact = new Map<string, readonly Entry[]>()
  #patterns: readonly Entry[] = []
  #size = 0
  readonly #onError: (error: unknown, event: string) => void
  readonly #onUse: ((used: boolean) => void) | undefined

  /** `onUse` hears when the first listener comes and when the last one is gone. */
  constructor(onError: (error: unknown, event: string) => void, onUse?: (used: boolean) => void) {
    this.#onError = onError
    this.#onUse = onUse
  }

  /** Adds a listener; `ended` hears when it is gone, for whatever reason. */
  on(pattern: string, heard: Heard, { signal, once = false }: OnOptions = {}, ended?: () => void): Unsubscribe {
    if (signal?.aborted) {
      ended?.()
      return () => {}
    }
    const end = (): void => {
      if (!entry.live) return
      entry.live = false
      signal?.removeEventListener('abort', end)
      this.#remove(entry)
      ended?.()
    }
    const prefix = pattern.endsWith('*') ? pattern.slice(0, -1) : undefined
    const entry: Entry = { pattern, prefix, heard, once, live: true, end }
    if (prefix === undefined) this.#exact.set(pattern, [...(this.#exact.get(pattern) ?? []), entry])
    else this.#patterns = [...this.#patterns, entry]
    signal?.addEventListener('abort', end)
    if (this.#size++ === 0) this.#onUse?.(true)
    return end
  }

  /** Removes every listener with this function. */
  off(pattern: string, heard: Heard): void {
    for (const entry of this.#list(pattern)) if (entry.pattern === pattern && entry.heard === heard) entry.end()
  }

  /** Calls them in order: those by name, then those by pattern. One that throws harms no other. */
  emit(event: string, first: unknown, second?: unknown): void {
    const exact = this.#exact.get(event)
    if (exact) for (const entry of exact) this.#call(entry, event, first, second)
    for (const entry of this.#patterns) {
      if (event.startsWith(entry.prefix as string)) this.#call(entry, event, first, second)
    }
  }

  /** How many listen to this pattern, or at all. */
  count(pattern?: string): number {
    if (pattern === undefined) return this.#size
    return this.#list(pattern).filter((entry) => entry.pattern === pattern).length
  }

  /** Removes all. */
  clear(): void {
    for (const list of [...this.#exact.values(), this.#patterns]) for (const entry of list) entry.end()
  }

  #call(entry: Entry, event: string, first: unknown, second: unknown): void {
    if (!entry.live) return
    if (entry.once) entry.end()
    try {
      entry.heard(first, second)
    } catch (error) {
      this.#onError(error, event)
    }
  }

  #list(pattern: string): readonly Entry[] {
    return pattern.endsWith('*') ? this.#patterns : (this.#exact.get(pattern) ?? [])
  }

  #remove(entry: Entry): void {
    const rest = this.#list(entry.pattern).filter((other) => other !== entry)
    if (entry.prefix !== undefined) this.#patterns = rest
    else if (rest.length > 0) this.#exact.set(entry.pattern, rest)
    else this.#exact.delete(entry.pattern)
    if (--this.#size === 0) this.#onUse?.(false)
  }
}
