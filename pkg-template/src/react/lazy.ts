/** Parts that are downloaded when a component needs them first. */
import { useMemo } from 'react'
import { isTautlineError, TautlineError } from '../error.ts'
import type { Unsubscribe } from '../events.ts'
import { shared, Store, useStore } from './store.ts'

/** The waits between attempts to download something, in milliseconds. */
const WAITS = [500, 2_000, 8_000]

/** Downloads; a lost connection is tried again, the application's mistake is not. */
export async function patiently<T>(load: () => Promise<T>): Promise<T> {
  for (const waitMs of WAITS) {
    try {
      return await load()
    } catch (error) {
      if (isTautlineError(error)) throw error
      await new Promise((resolve) => setTimeout(resolve, waitMs))
    }
  }
  return load()
}

/** Begins what needs a part when that is there, unless it was ended before. */
export function later<Part>(part: Promise<Part> | undefined, begin: (part: Part) => Unsubscribe): Unsubscribe {
  let end: Unsubscribe | undefined
  let wanted = true
  part?.then((ready) => {
    if (wanted) end = begin(ready)
  }, console.error)
  return () => {
    wanted = false
    end?.()
  }
}

/** A part of one owner, and whoever waits for it. */
export class Lazy<Part> {
  readonly store: Store<Part | undefined>
  #part: Promise<Part> | undefined

  constructor(load?: () => Promise<Part>) {
    this.store = new Store<Part | undefined>(undefined, (store) => {
      this.#part = load && patiently(load)
      return later(this.#part, (part) => {
        store.set(part)
        return () => {}
      })
    })
  }

  /** A method of the part as a function that can be called before the part is there, in the order of the calls. Its result may be ignored. */
  verb<Name extends keyof Part>(name: Name): Part[Name] extends (...given: infer Given) => infer Result ? (...given: Given) => Promise<Awaited<Result>> : never {
    const verb = async (given: never[]): Promise<unknown> => {
      if (!this.#part) throw new TautlineError('misuse/channel-required')
      return ((await this.#part)[name] as (...given: never[]) => unknown)(...given)
    }
    return ((...given: never[]) => {
      const done = verb(given)
      done.catch(() => {})
      return done
    }) as never
  }
}

/** The part of this owner, once it is there, and a way to it until then. The name says which; of several `load`s the first is taken. */
export function useLazy<Part>(owner: object | undefined, name: string, load: () => Promise<Part>): readonly [Part | undefined, Lazy<Part>] {
  const lazy = useMemo(() => (owner ? shared(owner, name, () => new Lazy(load)) : new Lazy<Part>()), [owner, name, load])
  return [useStore(lazy.store), lazy]
}
