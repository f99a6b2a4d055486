/** What lives outside of React and is watched by hooks: values, and things that are shared by all who hold them. */
import { useCallback, useSyncExternalStore } from 'react'
import type { Unsubscribe } from '../events.ts'

interface Held {
  count: number
  readonly end: () => void
}

const held = new WeakMap<object, Held>()

/**
 * Begins something with its first holder, and ends it when the last one is gone and nobody came back by the next task: StrictMode and
 * fast refresh let go and come back at once.
 */
export function hold(key: object, begin: () => () => void): () => void {
  const entry = held.get(key) ?? { count: 0, end: begin() }
  held.set(key, entry)
  entry.count++
  return () => {
    entry.count--
    setTimeout(() => {
      if (entry.count > 0 || held.get(key) !== entry) return
      held.delete(key)
      entry.end()
    })
  }
}

/** The least time between two renderings of one store, in milliseconds: a frame. What comes alone is shown at once. */
const FRAME_MS = 16

/** A value that hooks watch. It is kept up to date while somebody does, and goes back to its beginning when nobody does. */
export class Store<T> {
  readonly initial: T
  #value: T
  #told = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  readonly #changed = new Set<() => void>()
  readonly #begin: (store: Store<T>) => () => void

  constructor(initial: T, begin: (store: Store<T>) => () => void) {
    this.initial = this.#value = initial
    this.#begin = begin
  }

  readonly get = (): T => this.#value

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#changed.add(changed)
    const release = hold(this, () => {
      const end = this.#begin(this)
      return () => {
        clearTimeout(this.#timer)
        this.#timer = undefined
        end()
        this.#value = this.initial
      }
    })
    return () => {
      this.#changed.delete(changed)
      release()
    }
  }

  /** Many values in a short time are one rendering, of the last. */
  set(value: T): void {
    this.#value = value
    const wait = this.#told + FRAME_MS - Date.now()
    if (wait <= 0) this.#tell()
    else this.#timer ??= setTimeout(() => this.#tell(), wait)
  }

  #tell(): void {
    this.#timer = undefined
    this.#told = Date.now()
    for (const changed of this.#changed) changed()
  }
}

/** The store's value, now and after each change; on a server and while hydrating the initial one. */
export function useStore<T>(store: Store<T> | undefined): T | undefined {
  return useWatched(store, 'subscribe', (store) => store.get(), store?.initial)
}

/**
 * What a source says, now and after each change, of which the method of this name tells. `otherwise` is said without a source, on a server and while
 * hydrating: always the same object.
 */
export function useWatched<Name extends string, Source extends Readonly<Record<Name, (changed: () => void) => Unsubscribe>>, T>(
  source: Source | undefined,
  name: Name,
  read: (source: Source) => T,
  otherwise: T,
): T {
  return useSyncExternalStore(
    useCallback((changed: () => void) => attempt(source, name, changed) ?? (() => {}), [source, name]),
    () => (source ? read(source) : otherwise),
    () => otherwise,
  )
}

/** What a server has no word for is told to the console, once, and the page goes on. */
export function attempt<Name extends string, Given, Result>(
  source: Readonly<Record<Name, (given: Given) => Result>> | undefined,
  name: Name,
  given: Given,
): Result | undefined {
  try {
    return source?.[name](given)
  } catch (error) {
    shared(source as object, name, () => console.warn(error))
  }
}

const stores = new WeakMap<object, Map<string, unknown>>()

/** What belongs to an owner under a name: made once. */
export function shared<T>(owner: object, name: string, make: () => T): T {
  const all = stores.get(owner) ?? new Map<string, unknown>()
  stores.set(owner, all)
  if (!all.has(name)) all.set(name, make())
  return all.get(name) as T
}
