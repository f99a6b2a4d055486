/** The messages that have no outcome yet, by id. */
import type { Outgoing } from './send.ts'

/** So many empty places may stand before the first. */
const EMPTY = 1000

/**
 * In the order of their ids, which is that of the calls: nearly all are added behind the last and taken as the first. A `Map` is hashed
 * anew with every burst, which makes a send a quarter slower.
 */
export class Unsettled {
  #handles: (Outgoing | undefined)[] = []
  /** Where the first one is: the places before it are empty. */
  #first = 0

  /** One more, with a higher id than all others. */
  add(handle: Outgoing): void {
    this.#handles.push(handle)
  }

  get(id: number): Outgoing | undefined {
    const found = this.#handles[this.#place(id)]
    return found?.id === id ? found : undefined
  }

  take(id: number): Outgoing | undefined {
    const handles = this.#handles
    const place = this.#place(id)
    const found = handles[place]
    if (found?.id !== id) return undefined
    if (place > this.#first) handles.splice(place, 1)
    else {
      handles[place] = undefined
      if (++this.#first === handles.length || this.#first > EMPTY) {
        handles.splice(0, this.#first)
        this.#first = 0
      }
    }
    return found
  }

  takeAll(): Outgoing[] {
    const all = this.#handles.splice(0).slice(this.#first) as Outgoing[]
    this.#first = 0
    return all
  }

  /** Of the first whose id is not below this one. */
  #place(id: number): number {
    let low = this.#first
    let high = this.#handles.length
    // Most likely it is the first.
    let middle = low
    while (low < high) {
      if ((this.#handles[middle] as Outgoing).id < id) low = middle + 1
      else high = middle
      middle = (low + high) >> 1
    }
    return low
  }
}
