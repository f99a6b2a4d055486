/** Parts that are downloaded when a component needs them first. */
import { useMemo } from 'react'
import { isTautlineError, TautlineError } from '../error.ts'
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

/** A part of one owner, and whoever waits for it. */
export class Lazy<Part> {
  readonly store: Store<Part | undefined>
  #part: Promise<Part> | undefined

  constructor(load?: () => Promise<Part>) {
    this.store = new Store<Part | undefined>(undefined, (store) => {
      if (!load) return () => {}
      const part = (this.#part = patiently(load))
      part.then(
        (ready) => {
          if (part === this.#part) store.set(ready)
        },
        (error) => console.error(error),
      )
      return () => {
        this.#part = undefined
      }
    })
  }

  /** Does it as soon as the part is there, in the order of the calls. */
  async with<Result>(action: (part: Part) => Result): Promise<Awaited<Result>> {
    if (!this.#part) throw new TautlineError('misuse/channel-required')
    return action(await this.#part) as Awaited<Result>
  }
}

/** The part of this owner, once it is there, and a way to it until then. The name says which; of several `load`s the first is taken. */
export function useLazy<Part>(owner: object | undefined, name: string, load: () => Promise<Part>): readonly [Part | undefined, Lazy<Part>] {
  const lazy = useMemo(() => (owner ? shared(owner, name, () => new Lazy(load)) : (NEVER as unknown as Lazy<Part>)), [owner, name, load])
  return [useStore(lazy.store), lazy]
}

const NEVER: Lazy<never> = /* @__PURE__ */ new Lazy<never>()
