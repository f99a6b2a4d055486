/** Messages without an outcome, beside a Map that does the same. */
import { expect, test } from 'vitest'
import type { Outgoing } from '../src/send.ts'
import { Unsettled } from '../src/unsettled.ts'

/** Numbers below one, the same at every run. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

test.each([1, 2])('whoever is taken, and in whatever order, is the one who was asked for, and is gone (%i)', (seed) => {
  const next = random(seed)
  const unsettled = new Unsettled()
  const model = new Map<number, Outgoing>()
  let last = 0
  for (let step = 0; step < 20_000; step++) {
    // Some fill up, some run empty; now and then an id is left out.
    if (next() < (step % 8000 < 5000 ? 0.7 : 0.1)) {
      last += next() < 0.9 ? 1 : 50
      const handle = { id: last } as Outgoing
      unsettled.add(handle)
      model.set(last, handle)
    } else {
      const [first = 0] = model.keys()
      const id = next() < 0.8 ? first : Math.floor(next() * (last + 2))
      expect(unsettled.get(id)).toBe(model.get(id))
      expect(unsettled.take(id)).toBe(model.get(id))
      model.delete(id)
      expect(unsettled.get(id)).toBeUndefined()
    }
  }
  expect(model.size).toBeGreaterThan(0)
  expect(unsettled.takeAll()).toEqual([...model.values()])
  expect(unsettled.takeAll()).toEqual([])
  unsettled.add({ id: last + 1 } as Outgoing)
  expect(unsettled.take(last + 1)).toBeDefined()
})
