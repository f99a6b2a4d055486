import { BEATING, QUICK } from '../support/actor.ts'
import { expect, test } from '../support/world.ts'

const ROOM = 'room'

test('two pages chat', async ({ world }) => {
  const relay = await world.relay()
  const [ann, bob] = [await world.actor(), await world.actor()]
  await ann.join(relay.port, ROOM)
  await bob.join(relay.port, ROOM)
  await ann.send(ROOM, 'message', { text: 'Hello, Bob' })
  await expect.poll(() => bob.heard(ROOM)).toEqual([{ text: 'Hello, Bob' }])
  await bob.send(ROOM, 'message', { text: 'Hello, Ann 👋' })
  await expect.poll(() => ann.heard(ROOM)).toEqual([{ text: 'Hello, Ann 👋' }])
  await expect.poll(() => ann.acked()).toBe(1)
})

test('a relay that is killed and started again takes every message in the end and doubles none', async ({ world }) => {
  const relay = await world.relay()
  const [ann, bob] = [await world.actor(), await world.actor()]
  await ann.join(relay.port, ROOM)
  await bob.join(relay.port, ROOM)
  await ann.sendNumbers(ROOM, 200, 10)
  await expect.poll(async () => (await bob.heard(ROOM)).length).toBeGreaterThan(20)
  await relay.kill()
  await ann.untilStatus('reconnecting')
  await bob.untilStatus('reconnecting')
  await relay.start()
  await bob.untilSubscribed(2)
  await expect.poll(() => ann.acked()).toBe(200)
  await expect.poll(async () => (await bob.heard(ROOM)).at(-1)).toBe(199)
  // Its memory is gone, so a message may be missing that it acknowledged and did not pass on; never one twice or out of order.
  const numbers = (await bob.heard(ROOM)) as number[]
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
})

for (const [name, cut] of [
  ['a reset of the connection', 'reset'],
  ['an end of the connection without a close frame', 'finish'],
] as const) {
  test(`${name} is healed and misses nothing`, async ({ world }) => {
    const relay = await world.relay()
    const proxy = await world.proxy(relay)
    const [ann, bob] = [await world.actor(), await world.actor()]
    await ann.join(proxy.port, ROOM)
    await bob.join(relay.port, ROOM)
    proxy.mode = 'refuse'
    proxy[cut]()
    await ann.untilStatus('reconnecting')
    await bob.sendNumbers(ROOM, 5)
    await ann.sendNumbers(ROOM, 5)
    await expect.poll(() => bob.acked()).toBe(5)
    proxy.mode = 'pass'
    await expect.poll(() => ann.heard(ROOM)).toEqual([0, 1, 2, 3, 4])
    await expect.poll(() => bob.heard(ROOM)).toEqual([0, 1, 2, 3, 4])
    expect((await ann.get('subscribed')).at(-1)).toMatchObject({ first: false, recovered: true, replaying: 5 })
    expect(await ann.get('gaps')).toEqual([])
    expect((await ann.causes())[0]).toMatch(/^lost\/(network|closed)$/)
  })
}

test('a black hole is found by the heartbeat, without waiting for the browser to close', async ({ world }) => {
  const relay = await world.relay()
  const proxy = await world.proxy(relay)
  const ann = await world.actor()
  await ann.join(proxy.port, ROOM, BEATING)
  proxy.mode = 'blackhole'
  await ann.untilStatus('reconnecting')
  expect(new Set(await ann.causes())).toEqual(new Set(['lost/heartbeat']))
  // The old connection still hangs in the hole when the new one works.
  proxy.mode = 'pass'
  await ann.untilStatus('connected')
  await ann.send(ROOM, 'message', 'through')
  await expect.poll(() => ann.acked()).toBe(1)
})

test('a connection that opens into a black hole is given up after the time it has', async ({ world }) => {
  const relay = await world.relay()
  const proxy = await world.proxy(relay)
  proxy.mode = 'blackhole'
  const ann = await world.actor()
  await ann.open(proxy.port, { ...QUICK, connectTimeoutMs: 300 })
  await expect.poll(() => ann.causes()).toContain('late/open')
  proxy.mode = 'pass'
  await ann.untilStatus('connected')
})

test('refused connections are tried again until one is accepted', async ({ world }) => {
  const relay = await world.relay()
  const proxy = await world.proxy(relay)
  proxy.mode = 'refuse'
  const ann = await world.actor()
  await ann.open(proxy.port)
  await expect.poll(() => proxy.accepted).toBeGreaterThan(3)
  expect(await ann.status()).toBe('reconnecting')
  expect(new Set(await ann.causes())).toEqual(new Set(['lost/network']))
  proxy.mode = 'pass'
  await ann.untilStatus('connected')
})

test('a slow line that cuts everything into small pieces carries a conversation', async ({ world }) => {
  const relay = await world.relay()
  const proxy = await world.proxy(relay)
  proxy.latencyMs = 150
  proxy.chunk = 7
  const [ann, bob] = [await world.actor(), await world.actor()]
  await ann.join(proxy.port, ROOM, { ...BEATING, heartbeat: { intervalMs: 500, timeoutMs: 5000, probeMs: 5000 } })
  await bob.join(proxy.port, ROOM)
  await ann.sendNumbers(ROOM, 50)
  await expect.poll(() => bob.heard(ROOM)).toEqual(Array.from({ length: 50 }, (_, index) => index))
  await expect.poll(() => ann.acked()).toBe(50)
  await expect.poll(async () => Math.min(...(await ann.get('latencies')))).toBeGreaterThanOrEqual(300)
  expect(await ann.causes()).toEqual([])
})

test('a connection that is lost halfway through its handshake is tried again', async ({ world }) => {
  const relay = await world.relay()
  const proxy = await world.proxy(relay)
  // The answer to the upgrade takes until after the cut.
  proxy.latencyMs = 60_000
  const ann = await world.actor()
  await ann.open(proxy.port)
  await expect.poll(() => proxy.connections).toBe(1)
  proxy.latencyMs = 0
  proxy.reset()
  await ann.untilStatus('connected')
})
