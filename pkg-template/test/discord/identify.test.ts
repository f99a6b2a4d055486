import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { IdentifyQueue } from '../../src/discord/identify.ts'

const never = new AbortController().signal

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('navigator', {})
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** Lets each shard take its turn and end it at once; gives when each had it, in milliseconds. */
async function turns(queue: IdentifyQueue, shards: number[]): Promise<Map<number, number>> {
  const start = Date.now()
  const taken = new Map<number, number>()
  const all = shards.map(async (shard) => {
    const done = await queue.turn(shard, never)
    taken.set(shard, Date.now() - start)
    done(true)
  })
  await vi.runAllTimersAsync()
  await Promise.all(all)
  return taken
}

test('shards of one bucket identify in order and five seconds apart', async () => {
  const taken = await turns(new IdentifyQueue('a', 5_000, 60), [0, 1, 2])
  expect([...taken]).toEqual([[0, 0], [1, 5_000], [2, 10_000]])
})

test('shards of different buckets identify at once', async () => {
  const queue = new IdentifyQueue('a', 5_000, 60)
  queue.update({ total: 1000, remaining: 1000, reset_after: 1, max_concurrency: 2 })
  const taken = await turns(queue, [0, 1, 2, 3])
  expect([...taken]).toEqual([[0, 0], [1, 0], [2, 5_000], [3, 5_000]])
})

test('the next turn waits until the shard before is ready or gave up', async () => {
  const queue = new IdentifyQueue('a', 5_000, 60)
  const done = await queue.turn(0, never)
  let second = false
  void queue.turn(1, never).then(() => (second = true))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(second).toBe(false)
  done(true)
  done(true)
  await vi.advanceTimersByTimeAsync(4_999)
  expect(second).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(second).toBe(true)
})

test('a shard that no longer wants its turn gives it up to the next', async () => {
  const queue = new IdentifyQueue('a', 5_000, 60)
  const done = await queue.turn(0, never)
  const gone = new AbortController()
  const given = queue.turn(1, gone.signal)
  const third = queue.turn(2, never)
  const refused = expect(given).rejects.toThrow('closed')
  gone.abort(new Error('closed'))
  done(true)
  await vi.runAllTimersAsync()
  await refused
  await expect(third).resolves.toBeTypeOf('function')
})

test('a spent budget is a typed refusal until it is reset', async () => {
  const queue = new IdentifyQueue('a', 0, 60)
  queue.update({ total: 1, remaining: 1, reset_after: 1_000, max_concurrency: 1 })
  ;(await queue.turn(0, never))(true)
  await vi.runAllTimersAsync()
  await expect(queue.turn(1, never)).rejects.toMatchObject({ code: 'refused/rate-limited', details: { limit: 1 } })
  await vi.advanceTimersByTimeAsync(1_000)
  await expect(queue.turn(1, never)).resolves.toBeTypeOf('function')
})

test('shards that identify again and again are stopped before the token is reset', async () => {
  const queue = new IdentifyQueue('a', 0, 3)
  for (let count = 0; count < 3; count++) {
    ;(await queue.turn(0, never))(true)
    await vi.runAllTimersAsync()
  }
  await expect(queue.turn(0, never)).rejects.toMatchObject({ code: 'refused/rate-limited' })
  await vi.advanceTimersByTimeAsync(3_600_000)
  await expect(queue.turn(0, never)).resolves.toBeTypeOf('function')
})

test('tabs share a bucket by a Web Lock, which is held until the spacing is over', async () => {
  const held: string[] = []
  const request = async (name: string, _: unknown, hold: () => Promise<void>): Promise<void> => {
    held.push(name)
    await hold()
    held.splice(held.indexOf(name), 1)
  }
  vi.stubGlobal('navigator', { locks: { request } })
  const done = await new IdentifyQueue('bot', 5_000, 60).turn(3, never)
  expect(held).toEqual(['tautline:identify:bot:0'])
  done(true)
  await vi.advanceTimersByTimeAsync(4_999)
  expect(held).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(held).toHaveLength(0)
})

test('an attempt that never came to identify spends nothing, and nobody waits for it', async () => {
  const queue = new IdentifyQueue('a', 5_000, 2)
  queue.update({ total: 1, remaining: 1, reset_after: 1_000_000, max_concurrency: 1 })
  for (let attempt = 0; attempt < 100; attempt++) {
    const done = await queue.turn(0, never)
    expect(queue.remaining).toBe(0)
    done(false)
    done(false)
  }
  expect(queue.remaining).toBe(1)
  expect(vi.getTimerCount()).toBe(0)
})
