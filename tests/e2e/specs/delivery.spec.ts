import { BEATING, QUICK } from '../support/actor.ts'
import { expect, test } from '../support/world.ts'

const ROOM = 'room'

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

test('500 messages sent while the line is down arrive once and in order', async ({ world }) => {
  const relay = await world.relay()
  const proxy = await world.proxy(relay)
  const [ann, bob] = [await world.actor(), await world.actor()]
  await ann.join(proxy.port, ROOM)
  await bob.join(relay.port, ROOM)
  proxy.mode = 'refuse'
  proxy.reset()
  await ann.untilStatus('reconnecting')
  await ann.sendNumbers(ROOM, 500)
  expect(await ann.page.evaluate(() => lab.client.getConnectionInfo().queueSize)).toBe(500)
  proxy.mode = 'pass'
  await expect.poll(() => ann.acked()).toBe(500)
  await expect.poll(async () => (await bob.heard(ROOM)).length).toBeGreaterThanOrEqual(500)
  expect(await bob.heard(ROOM)).toEqual(numbers(500))
})

test('3,000 messages each way over a line that goes mute and breaks every 2 s: none lost, none twice, in order', async ({
  world,
}) => {
  test.setTimeout(120_000)
  const relay = await world.relay('--history-size', '10000')
  const proxy = await world.proxy(relay)
  const [ann, bob] = [await world.actor(), await world.actor()]
  const options = { ...BEATING, queue: { max: 5000 } }
  await ann.join(proxy.port, ROOM, options)
  await bob.join(proxy.port, ROOM, options)
  const stop = proxy.torment(2000, 300)
  await Promise.all([ann.sendNumbers(ROOM, 3000, 4), bob.sendNumbers(ROOM, 3000, 4)])
  await expect.poll(() => ann.acked(), { timeout: 90_000 }).toBe(3000)
  await expect.poll(() => bob.acked(), { timeout: 90_000 }).toBe(3000)
  stop()
  for (const actor of [ann, bob]) {
    await expect.poll(async () => (await actor.heard(ROOM)).length).toBeGreaterThanOrEqual(3000)
    expect(await actor.heard(ROOM)).toEqual(numbers(3000))
    expect(await actor.get('gaps')).toEqual([])
    // Otherwise the line was never broken, and nothing was shown.
    expect((await actor.causes()).length).toBeGreaterThan(3)
  }
  expect(proxy.swallowed).toBeGreaterThan(0)
})

test('what a history no longer holds is reported as a gap, and what it holds is replayed', async ({ world }) => {
  const relay = await world.relay('--history-size', '10')
  const proxy = await world.proxy(relay)
  const [ann, bob] = [await world.actor(), await world.actor()]
  await ann.join(proxy.port, ROOM)
  await bob.join(relay.port, ROOM)
  await bob.send(ROOM, 'number', 'before')
  await expect.poll(() => ann.heard(ROOM)).toEqual(['before'])
  proxy.mode = 'refuse'
  proxy.reset()
  await ann.untilStatus('reconnecting')
  await bob.sendNumbers(ROOM, 30)
  await expect.poll(() => bob.acked()).toBe(31)
  proxy.mode = 'pass'
  await expect.poll(() => ann.heard(ROOM)).toEqual(['before', ...numbers(30).slice(20)])
  expect(await ann.get('gaps')).toEqual([{ channel: ROOM, lastOffset: 1, nextOffset: 22 }])
  expect((await ann.get('subscribed')).at(-1)).toMatchObject({ recovered: false, replaying: 10 })
})

test('a relay that lost its memory is reported as a gap', async ({ world }) => {
  const relay = await world.relay()
  const ann = await world.actor()
  await ann.join(relay.port, ROOM)
  await ann.sendNumbers(ROOM, 3)
  await expect.poll(() => ann.acked()).toBe(3)
  await relay.kill()
  await relay.start()
  await ann.untilSubscribed(2)
  expect(await ann.get('gaps')).toMatchObject([{ channel: ROOM }])
  await ann.sendNumbers(ROOM, 1)
  await expect.poll(() => ann.acked()).toBe(4)
})

test('bytes arrive as the bytes that they were', async ({ world }) => {
  const relay = await world.relay()
  const [ann, bob] = [await world.actor(), await world.actor()]
  await ann.join(relay.port, ROOM)
  await bob.join(relay.port, ROOM)
  await ann.page.evaluate((room) => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, index) => index % 256)
    const view = new Uint16Array(bytes.buffer, 100, 50)
    const channel = lab.client.channel(room)
    lab.handles.push(channel.send('bytes', bytes), channel.send('view', view), channel.send('blob', new Blob([bytes])))
    lab.handles.push(channel.send('empty', new Uint8Array(0)))
  }, ROOM)
  const seen = (): Promise<unknown> =>
    bob.page.evaluate(() =>
      lab.messages.map(({ event, payload, binary }) => {
        const bytes = payload as Uint8Array
        return { event, binary, length: bytes.length, same: bytes.every((byte, index) => byte === (index + (event === 'view' ? 100 : 0)) % 256) }
      }),
    )
  await expect.poll(seen).toEqual([
    { event: 'bytes', binary: true, length: 1000, same: true },
    { event: 'view', binary: true, length: 100, same: true },
    { event: 'blob', binary: true, length: 1000, same: true },
    { event: 'empty', binary: true, length: 0, same: true },
  ])
})

test('text of every kind arrives unchanged', async ({ world }) => {
  const relay = await world.relay()
  const ann = await world.actor()
  await ann.join(relay.port, ROOM)
  const equal = await ann.page.evaluate(async (room) => {
    const channel = lab.client.channel(room)
    const payload = {
      plain: 'Grüße, 世界, 👩‍👩‍👧',
      lone: ['\ud800', 'a\udc00b', '\ud83d'],
      controls: '\u0000\u001f\u2028\u2029"\\',
      numbers: [0, -0.5, 1e300, 5e-324, Number.MAX_SAFE_INTEGER],
      ['__proto__']: { polluted: true },
      constructor: 'a string',
      nothing: null,
    }
    const heard = channel.waitFor('text')
    await channel.send('text', payload).receipt
    const message = await heard
    return JSON.stringify(message.payload) === JSON.stringify(payload) && !('polluted' in {})
  }, ROOM)
  expect(equal).toBe(true)
})

test('a payload that is too large is rejected with both sizes, and the next one goes through', async ({ world }) => {
  const relay = await world.relay('--frame-limit', '4096')
  const ann = await world.actor()
  await ann.join(relay.port, ROOM)
  const outcomes = await ann.page.evaluate(
    (room) => {
      const channel = lab.client.channel(room)
      // The second is short in characters and long in bytes, so only the server can tell.
      const payloads = ['x'.repeat(10_000), '世'.repeat(1_200), 'small']
      return Promise.all(payloads.map((payload) => lab.outcome(channel.send('message', payload).receipt)))
    },
    ROOM,
  )
  expect(outcomes).toMatchObject([
    { ok: false, code: expect.stringMatching(/too-large$/), details: { limit: expect.any(Number), size: expect.any(Number) } },
    { ok: false, code: expect.stringMatching(/too-large$/), details: { limit: expect.any(Number), size: expect.any(Number) } },
    { ok: true },
  ])
  expect(await ann.causes()).toEqual([])
})

test('a frame beyond what the server reads costs that message and no other', async ({ world }) => {
  const relay = await world.relay('--frame-limit', '4096')
  const [ann, bob] = [await world.actor(), await world.actor()]
  await bob.join(relay.port, ROOM)
  await ann.open(relay.port)
  // Sent before the server could say how much it takes.
  const outcomes = await ann.page.evaluate((room) => {
    const channel = lab.client.channel(room)
    const payloads = ['first', 'x'.repeat(100_000), 'last']
    return Promise.all(payloads.map((payload) => lab.outcome(channel.send('message', payload).receipt)))
  }, ROOM)
  expect(outcomes).toMatchObject([{ ok: true }, { ok: false, code: expect.stringMatching(/too-large$/) }, { ok: true }])
  await expect.poll(() => bob.heard(ROOM)).toEqual(['first', 'last'])
})

test('a listener that throws harms nobody', async ({ world }) => {
  const relay = await world.relay()
  const [ann, bob] = [await world.actor(), await world.actor()]
  await ann.page.evaluate(
    ({ room, url }) => {
      lab.open({ url })
      lab.client.channel(room).on('number', () => {
        throw new Error('on purpose')
      })
      lab.client.channel(room).on('number', (payload) => {
        // And one that calls back in at once.
        lab.handles.push(lab.client.channel(room).send('echo', payload))
      })
    },
    { room: ROOM, url: `ws://127.0.0.1:${relay.port}/ws` },
  )
  await ann.untilSubscribed()
  await bob.join(relay.port, ROOM)
  await bob.sendNumbers(ROOM, 20)
  await expect.poll(() => ann.acked()).toBe(20)
  await expect.poll(async () => (await bob.heard(ROOM)).length).toBe(20)
  expect(await bob.heard(ROOM)).toEqual(numbers(20))
  expect(await ann.get('listenerErrors')).toHaveLength(20)
  expect(await ann.status()).toBe('connected')
})

test('a message of a server-side program arrives like any other', async ({ world }) => {
  const key = 'an api key of these tests'
  const relay = await world.relay('--api-key', key)
  const ann = await world.actor()
  await ann.join(relay.port, ROOM)
  const publish = (authorization: string): Promise<Response> =>
    fetch(`${relay.http}/api/publish`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ channel: ROOM, event: 'notice', payload: { from: 'server' } }),
    })
  expect((await publish('Bearer another key altogether')).status).toBe(401)
  const response = await publish(`Bearer ${key}`)
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({ offset: 1, epoch: expect.any(String) })
  await expect.poll(() => ann.heard(ROOM)).toEqual([{ from: 'server' }])
  expect(await ann.get('messages')).toMatchObject([{ event: 'notice', offset: 1, own: false }])
})

test('a relay that is told to end sends its clients away, and they come back to the next one', async ({ world }) => {
  const relay = await world.relay('--shutdown-jitter', '50')
  const [ann, bob] = [await world.actor(), await world.actor()]
  await ann.join(relay.port, ROOM)
  await bob.join(relay.port, ROOM)
  await relay.terminate()
  await ann.untilStatus('reconnecting')
  expect((await ann.causes())[0]).toBe('lost/reconnect-asked')
  await ann.sendNumbers(ROOM, 10)
  await relay.start()
  await bob.untilSubscribed(2)
  await expect.poll(() => ann.acked()).toBe(10)
  await expect.poll(() => bob.heard(ROOM)).toEqual(numbers(10))
})

test('a client in a worker talks to a client in a page', async ({ world }) => {
  const relay = await world.relay()
  const [ann, bob] = [await world.actor(), await world.actor()]
  await ann.join(relay.port, ROOM)
  await bob.page.evaluate((order) => lab.startWorker(order), { url: `ws://127.0.0.1:${relay.port}/ws`, channel: ROOM })
  await expect.poll(() => bob.get('told')).toContainEqual({ channel: 'subscribed' })
  await ann.sendNumbers(ROOM, 3)
  await expect.poll(() => ann.heard(ROOM)).toEqual([0, 1, 2])
  expect(await bob.get('told')).toContainEqual({ payload: 2, own: false })
})

test('after destroy nothing of the client is left in the page', async ({ world }) => {
  const relay = await world.relay()
  const ann = await world.actor()
  await ann.join(relay.port, ROOM, QUICK)
  const proxy = await world.proxy(relay)
  // Bob's connection never gets as far as opening.
  proxy.latencyMs = 600_000
  const bob = await world.actor()
  await bob.open(proxy.port)
  await expect.poll(() => proxy.connections).toBe(1)
  for (const actor of [ann, bob]) await actor.page.evaluate(() => lab.client.destroy())
  await expect.poll(() => proxy.connections).toBe(0)
  expect(await ann.status()).toBe('closed')
  expect(await bob.status()).toBe('closed')
  const outcome = await ann.page.evaluate((room) => {
    try {
      lab.client.channel(room)
      return 'no error'
    } catch (error) {
      return String(error)
    }
  }, ROOM)
  expect(outcome).toContain('misuse/destroyed')
})
