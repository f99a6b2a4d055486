import { afterEach, expect, test, vi } from 'vitest'
import { createClient } from '../src/index.ts'
import { createClock, createFakeServer, type VirtualClock } from '../src/testing/index.ts'

let clock: VirtualClock | undefined
afterEach(() => {
  clock?.restore()
  clock = undefined
})

test('time stands still, and goes on when it is told to', async () => {
  const real = setTimeout
  clock = createClock({ now: 1_000_000 })
  const [date, monotonic] = [new Date(), performance.now()]
  const fired: unknown[] = []
  setTimeout((name) => fired.push(name, Date.now()), 100, 'later')
  setTimeout(() => fired.push('sooner'), 50)
  const every = setInterval(() => fired.push('tick'), 40)
  clearTimeout(setTimeout(() => fired.push('never'), 10))
  await clock.advance(99)
  expect(fired).toEqual(['tick', 'sooner', 'tick'])
  await clock.advance(1)
  expect(fired.slice(3)).toEqual(['later', 1_000_100])
  clearInterval(every)
  expect(clock.timers).toBe(0)
  expect([Date.now() - Number(date), performance.now() - monotonic, clock.now]).toEqual([100, 100, 1_000_100])
  expect(new Date(5).getTime()).toBe(5)
  expect(new Date() instanceof Date).toBe(true)
  clock.restore()
  expect([setTimeout, Date.now() > 1_600_000_000_000]).toEqual([real, true])
})

test('what a timer starts comes to rest before the next one fires', async () => {
  clock = createClock()
  const order: string[] = []
  setTimeout(async () => {
    await Promise.resolve()
    await new Promise((resolve) => setTimeout(resolve, 10))
    order.push('after the wait')
  }, 10)
  setTimeout(() => order.push('at 20'), 20)
  setTimeout(() => order.push('at 21'), 21)
  await clock.advance(30)
  expect(order).toEqual(['at 20', 'after the wait', 'at 21'])
})

test('a timer that throws fails the call that let time pass', async () => {
  clock = createClock()
  setTimeout(() => {
    throw new Error('broken')
  }, 5)
  await expect(clock.advance(10)).rejects.toThrow('broken')
})

test('a second clock is refused, whoever made the first', () => {
  vi.useFakeTimers()
  try {
    expect(() => createClock()).toThrow(/faked already/)
  } finally {
    vi.useRealTimers()
  }
  clock = createClock()
  expect(() => createClock()).toThrow(/faked already/)
})

test('a client lives by it', async () => {
  clock = createClock()
  const server = createFakeServer()
  const client = createClient({ url: server.url })
  client.connect()
  await clock.advance(0)
  expect(client.state.status).toBe('connected')
  server.down()
  await clock.advance(10_000)
  expect(client.state.status).toBe('reconnecting')
  server.up()
  await clock.advance(60_000)
  expect(client.state.status).toBe('connected')
  client.destroy()
  server.close()
})
