import { QUICK } from '../support/actor.ts'
import { expect, test } from '../support/world.ts'

const ROOM = 'room'
const KEPT = { ...QUICK, queue: { persist: true } } as const

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

for (const [name, leave] of [
  ['is loaded again', 'reload'],
  ['crashes', 'crash'],
] as const) {
  test(`what waits in the queue of a page that ${name} is sent by the next, once and in order`, async ({ world }) => {
    const relay = await world.relay()
    const proxy = await world.proxy(relay)
    let ann = await world.actor()
    const bob = await world.actor()
    await bob.join(relay.port, ROOM)
    await ann.join(proxy.port, ROOM, KEPT)
    proxy.mode = 'refuse'
    proxy.reset()
    await ann.untilStatus('reconnecting')
    await ann.sendNumbers(ROOM, 100)
    await expect.poll(() => ann.page.evaluate(() => lab.isKept())).toBe(true)
    if (leave === 'reload') await ann.page.reload()
    else {
      const devtools = await ann.page.context().newCDPSession(ann.page)
      const crashed = ann.page.waitForEvent('crash')
      // It never answers.
      void devtools.send('Page.crash').catch(() => {})
      await crashed
      await ann.page.close()
      ann = await world.actor()
    }
    await ann.open(proxy.port, KEPT)
    await ann.sendNumbers(ROOM, 10, 0, 100)
    await expect.poll(() => ann.get('restored')).toBe(100)
    proxy.mode = 'pass'
    await expect.poll(() => ann.acked()).toBe(10)
    await expect.poll(async () => (await bob.heard(ROOM)).length).toBeGreaterThanOrEqual(110)
    expect(await bob.heard(ROOM)).toEqual(numbers(110))
    expect(await ann.page.evaluate(() => lab.client.getConnectionInfo().queueSize)).toBe(0)
  })
}

test('what arrived before a reload and was not acknowledged does not arrive again', async ({ world }) => {
  const relay = await world.relay()
  const proxy = await world.proxy(relay)
  const [ann, bob] = [await world.actor(), await world.actor()]
  await bob.join(relay.port, ROOM)
  await ann.join(proxy.port, ROOM, KEPT)
  proxy.mode = 'deafen'
  await ann.sendNumbers(ROOM, 20)
  await expect.poll(() => bob.heard(ROOM)).toEqual(numbers(20))
  expect(await ann.acked()).toBe(0)
  await ann.page.reload()
  proxy.mode = 'pass'
  await ann.open(proxy.port, KEPT)
  await ann.sendNumbers(ROOM, 1, 0, 20)
  await expect.poll(() => ann.acked()).toBe(1)
  expect(await ann.get('restored')).toBe(20)
  await expect.poll(() => bob.heard(ROOM)).toEqual(numbers(21))
})

test('two pages with the same queue do not send for each other while both live', async ({ world }) => {
  const relay = await world.relay()
  const proxy = await world.proxy(relay)
  const [ann, twin, bob] = [await world.actor(), await world.actor(), await world.actor()]
  await bob.join(relay.port, ROOM)
  await ann.join(proxy.port, ROOM, KEPT)
  await twin.join(proxy.port, ROOM, KEPT)
  proxy.mode = 'refuse'
  proxy.reset()
  await ann.untilStatus('reconnecting')
  await ann.sendNumbers(ROOM, 10)
  await twin.sendNumbers(ROOM, 10, 0, 10)
  proxy.mode = 'pass'
  await expect.poll(() => ann.acked()).toBe(10)
  await expect.poll(() => twin.acked()).toBe(10)
  await expect.poll(async () => (await bob.heard(ROOM)).length).toBe(20)
  expect((await bob.heard(ROOM)).toSorted((a, b) => Number(a) - Number(b))).toEqual(numbers(20))
})

test('a page that is loaded again and again on a bad line loses nothing of what it sent', async ({ world }) => {
  const relay = await world.relay()
  const proxy = await world.proxy(relay)
  const [ann, bob] = [await world.actor(), await world.actor()]
  await bob.join(relay.port, ROOM)
  const stop = proxy.torment(300, 100)
  for (let page = 0; page < 5; page++) {
    await ann.open(proxy.port, KEPT)
    await ann.sendNumbers(ROOM, 50, 0, page * 50)
    await expect.poll(() => ann.page.evaluate(() => lab.isKept())).toBe(true)
    await ann.page.reload()
  }
  stop()
  await ann.open(proxy.port, KEPT)
  await expect.poll(async () => (await bob.heard(ROOM)).length).toBeGreaterThanOrEqual(250)
  expect(await bob.heard(ROOM)).toEqual(numbers(250))
})
