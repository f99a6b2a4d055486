/** What lives outside of React and is watched by hooks: values, and things that are shared by all who hold them. */
import { useSyncExternalStore } from 'react'

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
  let holds = true
  return () => {
    if (!holds) return
    holds = false
    entry.count--
    setTimeout(() => {
      if (entry.count > 0 || held.get(key) !== entry) return
      held.delete(key)
      entry.end()
    })
  }
}

/** A value that hooks watch, and that is kept up to date while at least one does. */
export class Store<T> {
  readonly initial: T
  #value: T
  readonly #changed = new Set<() => void>()
  readonly #begin: () => () => void

  constructor(initial: T, begin: () => () => void) {
    this.initial = this.#value = initial
    this.#begin = begin
  }

  readonly get = (): T => this.#value

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#changed.add(changed)
    const release = hold(this, this.#begin)
    return () => {
      this.#changed.delete(changed)
      release()
    }
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return
    this.#value = value
    for (const changed of [...this.#changed]) changed()
  }
}

/** The store's value, now and after each change; on a server and while hydrating the initial one. */
export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.get, () => store.initial)
}

const stores = new WeakMap<object, Map<string, unknown>>()

/** What belongs to an owner under a name: made once, and forgotten by what is returned. */
export function shared<T>(owner: object, name: string, make: (forget: () => void) => T): T {
  const all = stores.get(owner) ?? new Map<string, unknown>()
  stores.set(owner, all)
  if (!all.has(name)) all.set(name, make(() => all.delete(name)))
  return all.get(name) as T
}
