/** Parts that are downloaded when a component needs them first. */
import { isTautlineError, TautlineError } from '../error.ts'
import { shared, Store, useStore } from './store.ts'

/** The waits between attempts to download something, in milliseconds. */
const WAITS = [500, 2_000, 8_000]

/** Downloads; a lost connection is tried again, the application's mistake is not. The console hears why it did not work out. */
export async function patiently<T>(load: () => Promise<T>, [waitMs, ...others]: readonly number[] = WAITS): Promise<T> {
  try {
    return await load()
  } catch (error) {
    if (!waitMs || isTautlineError(error)) {
      console.error(error)
      throw error
    }
    await new Promise((resolve) => setTimeout(resolve, waitMs))
    return patiently(load, others)
  }
}

/** What can be called before its part is there, in the order of the calls. Results may be ignored. */
export type Verbs<Part, Name extends keyof Part> = {
  readonly [Verb in Name]: Part[Verb] extends (...given: infer Given) => infer Result ? (...given: Given) => Promise<Awaited<Result>> : never
}

/** A part of one owner, and whoever waits for it. */
class Lazy<Part, Name extends keyof Part> {
  readonly store: Store<Part | undefined>
  readonly verbs: Verbs<Part, Name>
  #part: Promise<Part> | undefined

  constructor(names: readonly Name[], load: (() => Promise<Part>) | undefined) {
    this.store = new Store<Part | undefined>(undefined, (store) => {
      let wanted = true
      this.#part = load && patiently(load)
      this.#part?.then((part) => {
        if (wanted) store.set(part)
      }, () => {})
      return () => {
        wanted = false
      }
    })
    this.verbs = Object.fromEntries(names.map((name) => [name, (...given: never[]) => this.#call(name, given)])) as never
  }

  #call(name: Name, given: never[]): Promise<unknown> {
    const call = async (): Promise<unknown> => {
      if (!this.#part) throw new TautlineError('misuse/channel-required')
      return ((await this.#part)[name] as (...given: never[]) => unknown)(...given)
    }
    const done = call()
    done.catch(() => {})
    return done
  }
}

/**
 * The part of this owner, once it is there, and methods of it to call also before. The name says which; of several `load`s the first is taken.
 * `names`, of the methods, is always the same object.
 */
export function useLazy<Part, Name extends keyof Part>(
  names: readonly Name[],
  owner: object | undefined,
  name: string,
  load: () => Promise<Part>,
): readonly [Part | undefined, Verbs<Part, Name>] {
  const { store, verbs } = shared(owner ?? names, owner ? name : '', () => new Lazy(names, owner && load))
  return [useStore(store), verbs]
}
