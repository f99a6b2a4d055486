import { type Actor, QUICK } from '../support/actor.ts'
import { expect, test } from '../support/world.ts'

const ROOM = 'room'
const KEPT = { ...QUICK, queue: { persist: true } } as const

/** How many unsettled messages are on disk, whoever they belong to. */
function onDisk(actor: Actor): Promise<number> {
  return actor.page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const opening = indexedDB.open('tautline')
        opening.onsuccess = () => {
          const counting = opening.result.transaction('messages').objectStore('messages').count()
          counting.onsuccess = () => {
            opening.result.close()
            resolve(counting.result)
          }
        }
      }),
  )
}

test('what was written before a reload is sent after it, once and in order', async ({ world }) => {
  const relay = await world.relay()
  const proxy = await world.proxy(relay)
  const [ann, bob] = [await world.actor(), await world.actor()]
  await bob.join(relay.port, ROOM)
  await ann.open(proxy.port, KEPT)
  await ann.untilStatus('connected')
  for (const number of [0, 1, 2]) await ann.send(ROOM, 'number', number)
  await expect.poll(() => ann.acked()).toBe(3)
  proxy.mode = 'blackhole'
  for (const number of [3, 4, 5, 6]) await ann.send(ROOM, 'number', number)
  await expect.poll(() => onDisk(ann)).toBe(4)
  await ann.page.reload()
  proxy.mode = 'pass'
  await ann.open(proxy.port, KEPT)
  await ann.send(ROOM, 'number', 7)
  await expect.poll(() => bob.heard(ROOM)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  await expect.poll(() => onDisk(ann)).toBe(0)
})

test('what arrived before a reload, but was not acknowledged yet, does not arrive again', async ({ world }) => {
  const relay = await world.relay()
  const proxy = await world.proxy(relay)
  const [ann, bob] = [await world.actor(), await world.actor()]
  await bob.join(relay.port, ROOM)
  await ann.open(proxy.port, KEPT)
  await ann.untilStatus('connected')
  proxy.latencyMs = 2000
  for (const number of [0, 1, 2]) await ann.send(ROOM, 'number', number)
  await expect.poll(() => bob.heard(ROOM)).toEqual([0, 1, 2])
  expect(await ann.acked()).toBe(0)
  await ann.page.reload()
  proxy.latencyMs = 0
  await ann.open(proxy.port, KEPT)
  await ann.untilStatus('connected')
  await expect.poll(() => onDisk(ann)).toBe(0)
  await ann.send(ROOM, 'number', 3)
  await expect.poll(() => bob.heard(ROOM)).toEqual([0, 1, 2, 3])
})

test('a second tab leaves the queue of a living one alone', async ({ world }) => {
  const relay = await world.relay()
  const proxy = await world.proxy(relay)
  const [ann, bob, other] = [await world.actor(), await world.actor(), await world.actor()]
  await bob.join(relay.port, ROOM)
  await ann.open(proxy.port, KEPT)
  await ann.untilStatus('connected')
  proxy.mode = 'blackhole'
  await ann.send(ROOM, 'number', 0)
  await expect.poll(() => onDisk(ann)).toBe(1)
  await other.open(relay.port, KEPT)
  await other.untilStatus('connected')
  await other.send(ROOM, 'number', 1)
  await expect.poll(() => bob.heard(ROOM)).toEqual([1])
  expect(await onDisk(ann)).toBe(1)
  await ann.page.close()
  const next = await world.actor()
  await next.open(relay.port, KEPT)
  await expect.poll(() => bob.heard(ROOM)).toEqual([1, 0])
})
