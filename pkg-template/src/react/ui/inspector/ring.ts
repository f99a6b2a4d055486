/** The newest of many. */
export class Ring<T> {
  /** From the oldest on; another array after each `push`. */
  items: readonly T[] = []
  /** How many there ever were. */
  count = 0
  readonly #max: number

  constructor(max: number) {
    this.#max = max
  }

  push(item: T): void {
    this.items = [...this.items.slice(this.count < this.#max ? 0 : 1 - this.#max), item]
    this.count++
  }
}
