/**
 * Calls listeners: by name, by beginning (`'STORAGE_*'`), or all (`'*'`). Lists are replaced and never changed, so a running
 * `emit` keeps to the listeners it began with, less those that were removed meanwhile.
 */
import type { OnOptions, Unsubscribe } from './events.ts'

/** What is called. */
export type Heard = (first: unknown, second: unknown) => void

const REMEMBERED = 100

interface Entry {
  readonly pattern: string
  readonly heard: Heard
  readonly once: boolean
  live: boolean
  end: Unsubscribe
}

/** Whose listeners they are. */
export interface EmitterOwner {
  /** A listener threw. */
  listenerError(error: unknown, event: string, channel?: string): void
}

/** One set of listeners. */
export class Emitter {
  readonly #entries = new Set<Entry>()
  /** Who hears an event: those by name, then those by pattern. Found at its first emit, and again after every change. */
  readonly #audiences = new Map<string, readonly Entry[]>()
  readonly #owner: EmitterOwner
  readonly #channel: string | undefined
  readonly #onUse: ((used: boolean) => void) | undefined

  /** `onUse` hears when the first listener comes and when the last one is gone. */
  constructor(owner: EmitterOwner, channel?: string, onUse?: (used: boolean) => void) {
    this.#owner = owner
    this.#channel = channel
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
      this.#entries.delete(entry)
      this.#audiences.clear()
      if (this.#entries.size === 0) this.#onUse?.(false)
      ended?.()
    }
    const entry: Entry = { pattern, heard, once, live: true, end }
    this.#entries.add(entry)
    this.#audiences.clear()
    signal?.addEventListener('abort', end)
    if (this.#entries.size === 1) this.#onUse?.(true)
    return end
  }

  /** Removes every listener with this function. */
  off(pattern: string, heard: Heard): void {
    for (const entry of this.#entries) if (entry.pattern === pattern && entry.heard === heard) entry.end()
  }

  /** Calls them in order: those by name, then those by pattern. One that throws harms no other. */
  emit(event: string, first: unknown, second?: unknown): void {
    for (const entry of this.#audiences.get(event) ?? this.#gather(event)) {
      if (!entry.live) continue
      if (entry.once) entry.end()
      try {
        entry.heard(first, second)
      } catch (error) {
        this.#owner.listenerError(error, event, this.#channel)
      }
    }
  }

  /** How many listen to this pattern, or at all. */
  count(pattern?: string): number {
    return [...this.#entries].filter((entry) => pattern === undefined || entry.pattern === pattern).length
  }

  /** Removes all. */
  clear(): void {
    for (const entry of this.#entries) entry.end()
  }

  #gather(event: string): readonly Entry[] {
    const all = [...this.#entries]
    const byName = all.filter(({ pattern }) => pattern === event && !pattern.endsWith('*'))
    const byPattern = all.filter(({ pattern }) => pattern.endsWith('*') && event.startsWith(pattern.slice(0, -1)))
    const audience = [...byName, ...byPattern]
    // The server chooses the names.
    if (this.#audiences.size >= REMEMBERED) this.#audiences.clear()
    this.#audiences.set(event, audience)
    return audience
  }
}
