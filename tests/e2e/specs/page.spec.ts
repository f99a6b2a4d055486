import { BEATING, QUICK } from '../support/actor.ts'
import { expect, test } from '../support/world.ts'

const ROOM = 'room'

/** A user's settings: nobody would wait for these heartbeats. */
const PATIENT = { ...QUICK, heartbeat: { intervalMs: 600_000, timeoutMs: 600_000, probeMs: 500 } } as const

test('a page that was frozen hears what was said meanwhile', async ({ world }) => {
  const relay = await world.relay()
  const browser = await world.browser()
  const ann = await world.actorIn(browser)
  await ann.join(relay.port, ROOM, PATIENT)
  const bob = await world.actorIn(browser)
  await bob.join(relay.port, ROOM)
  await ann.page.setLifecycle('frozen')
  await bob.sendNumbers(ROOM, 5)
  await expect.poll(() => bob.acked()).toBe(5)
  await ann.page.setLifecycle('active')
  await ann.page.show()
  await expect.poll(() => ann.heard(ROOM)).toEqual([0, 1, 2, 3, 4])
  expect(await ann.get('pageEvents')).toEqual(expect.arrayContaining(['freeze', 'resume']))
  await ann.untilStatus('connected')
  expect(await ann.get('gaps')).toEqual([])
})

test('a hidden page goes on hearing, and asks at once whether the line lives when it is shown again', async ({ world }) => {
  const relay = await world.relay()
  const proxy = await world.proxy(relay)
  const browser = await world.browser()
  const ann = await world.actorIn(browser)
  await ann.join(proxy.port, ROOM, { ...PATIENT, connectTimeoutMs: 1000 })
  const bob = await world.actorIn(browser)
  await bob.join(relay.port, ROOM)
  await expect.poll(() => ann.get('pageEvents')).toContain('hidden')
  await bob.sendNumbers(ROOM, 3)
  await expect.poll(() => ann.heard(ROOM)).toEqual([0, 1, 2])
  proxy.mode = 'blackhole'
  const shown = async (): Promise<string[]> => {
    await ann.page.show()
    return ann.get('pageEvents')
  }
  await expect.poll(shown).toContain('visible')
  await ann.untilStatus('reconnecting')
  expect((await ann.causes())[0]).toBe('lost/heartbeat')
  proxy.mode = 'pass'
  await ann.untilStatus('connected')
})

test('a page that comes back from the back-forward cache comes back to the conversation', async ({ world }) => {
  const relay = await world.relay()
  const browser = await world.browser()
  const bob = await world.actorIn(browser)
  await bob.join(relay.port, ROOM)
  const ann = await world.actorIn(browser)
  await ann.join(relay.port, ROOM, PATIENT)
  await ann.page.navigate(world.pages.url('away'))
  await expect.poll(() => ann.page.evaluate(() => location.pathname)).toBe('/away.html')
  await bob.sendNumbers(ROOM, 5)
  await expect.poll(() => bob.acked()).toBe(5)
  await ann.page.back()
  // Otherwise it was loaded anew, and nothing was shown.
  await expect.poll(() => ann.get('pageEvents')).toContain('pageshow persisted=true')
  await expect.poll(() => ann.heard(ROOM)).toEqual([0, 1, 2, 3, 4])
  await ann.untilStatus('connected')
  expect(await ann.get('gaps')).toEqual([])
})

test('a browser that says offline makes the client ask and not hang up', async ({ world }) => {
  const relay = await world.relay()
  const [ann, bob] = [await world.actor(), await world.actor()]
  await ann.join(relay.port, ROOM, { ...PATIENT, heartbeat: { ...PATIENT.heartbeat, probeMs: 60_000 } })
  await bob.open(relay.port)
  await bob.untilStatus('connected')
  await world.context.setOffline(true)
  await expect.poll(() => ann.get('pageEvents')).toContain('offline')
  expect(await ann.status()).toBe('connected')
  await world.context.setOffline(false)
  await expect.poll(() => ann.get('pageEvents')).toContain('online')
  await bob.sendNumbers(ROOM, 3)
  await expect.poll(() => ann.heard(ROOM)).toEqual([0, 1, 2])
  expect(await ann.causes()).toEqual([])
  expect(await ann.get('latencies')).not.toEqual([])
})

test('a browser that is online again makes the client try at once', async ({ world }) => {
  const relay = await world.relay()
  const proxy = await world.proxy(relay)
  const ann = await world.actor()
  await ann.join(proxy.port, ROOM, { ...QUICK, backoff: { minMs: 20, maxMs: 600_000, factor: 100, slowMs: 600_000 } })
  await world.context.setOffline(true)
  proxy.mode = 'refuse'
  proxy.reset()
  await ann.untilStatus('reconnecting')
  await expect.poll(() => ann.page.evaluate(() => lab.client.getConnectionInfo().retryInMs ?? 0)).toBeGreaterThan(10_000)
  proxy.mode = 'pass'
  await world.context.setOffline(false)
  await ann.untilStatus('connected')
})

test('a page that is loaded again is a new client that hears what comes', async ({ world }) => {
  const relay = await world.relay()
  const [ann, bob] = [await world.actor(), await world.actor()]
  await ann.join(relay.port, ROOM)
  await bob.join(relay.port, ROOM)
  await ann.page.reload()
  await ann.join(relay.port, ROOM)
  await bob.sendNumbers(ROOM, 3)
  await expect.poll(() => ann.heard(ROOM)).toEqual([0, 1, 2])
  await ann.sendNumbers(ROOM, 3)
  await expect.poll(() => bob.heard(ROOM)).toEqual([0, 1, 2])
})

test('a loaded page has done nothing until connect, and closes politely when asked', async ({ world }) => {
  const relay = await world.relay()
  const ann = await world.actor()
  const sockets: string[] = []
  ann.page.on('websocket', (socket) => sockets.push(socket.url()))
  expect(await ann.get('uncaught')).toEqual([])
  await ann.join(relay.port, ROOM, BEATING)
  expect(sockets).toHaveLength(1)
  await ann.page.evaluate(() => lab.client.close())
  expect(await ann.status()).toBe('closed')
  await expect
    .poll(async () => ((await (await fetch(`${relay.http}/health`)).json()) as { connections: number }).connections)
    .toBe(0)
  await ann.page.evaluate(() => lab.client.connect())
  await ann.untilStatus('connected')
})
