// A page on the scripted gateway: every way a payload travels, and every way a session is lost and found.
import type { Page } from '@playwright/test'
import type { GatewayOrder } from '../pages/gateway.ts'
import { ScriptedGateway } from '../support/gateway.ts'
import { expect, test, type World } from '../support/world.ts'

const TOKEN = 'a-token-of-tests'
const QUICK = { intents: 1, token: TOKEN, backoff: { minMs: 20, maxMs: 200, stableMs: 100 }, invalidSessionWaitMs: [10, 50] } satisfies GatewayOrder
/** Beats often; how long a busy page takes to beat is not judged. */
const BEATING = { heartbeatIntervalMs: 400, heartbeatTimeout: 0 }

async function start(world: World, options: object = {}): Promise<ScriptedGateway> {
  const gateway = await ScriptedGateway.start({ heartbeatIntervalMs: 40_000, ...options })
  world.keep(() => gateway.close())
  return gateway
}

async function open(world: World, gateway: ScriptedGateway, order: GatewayOrder = QUICK): Promise<Page> {
  const page = await world.context.newPage()
  await page.goto(world.pages.url('gateway'))
  await enter(page, gateway, order)
  return page
}

async function enter(page: Page, gateway: ScriptedGateway, order: GatewayOrder): Promise<void> {
  await expect.poll(() => page.evaluate(() => typeof gatewayLab), 'the page is loaded').toBe('object')
  await page.evaluate(({ url, order }) => gatewayLab.open(url, order), { url: gateway.url, order })
}

function until(page: Page, status: string): Promise<void> {
  return expect.poll(() => page.evaluate(() => gatewayLab.gateway.state.status)).toBe(status)
}

function numbers(page: Page, event = 'NUMBER'): Promise<number[]> {
  return page.evaluate((event) => gatewayLab.numbers(event), event)
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1)
}

for (const encoding of ['json', 'etf'] as const) {
  for (const compression of [undefined, 'zlib-stream', 'zstd-stream', 'payload'] as const) {
    if (encoding === 'etf' && compression === 'payload') continue
    test(`${encoding} ${compression ?? 'uncompressed'}: killed and resumed under load, nothing is lost or doubled`, async ({ world }) => {
      const gateway = await start(world)
      const page = await open(world, gateway, { ...QUICK, encoding, ...(compression && { compression }) })
      await until(page, 'connected')
      let sent = 0
      for (let round = 1; round <= 4; round++) {
        for (let count = 0; count < 50; count++) await gateway.publish('NUMBER', { n: ++sent, text: `ä€😀${'x'.repeat(sent)}` })
        await gateway.do(round % 2 ? { reset: true } : { fin: true })
        for (let count = 0; count < 50; count++) await gateway.publish('NUMBER', { n: ++sent })
        await gateway.until({ kind: 'sent', name: 'resume' }, round)
        await until(page, 'connected')
      }
      await expect.poll(() => numbers(page)).toEqual(upTo(sent))
      expect(await page.evaluate(() => [gatewayLab.gaps, gatewayLab.problems])).toEqual([[], []])
      const { bytesOnWire, bytesReceived } = await page.evaluate(() => gatewayLab.gateway.getStats())
      if (encoding === 'json' && compression) expect(bytesOnWire).toBeLessThan(bytesReceived)
      else expect(bytesOnWire).toBe(bytesReceived)
      const [first] = await gateway.log('connect')
      expect(first?.query).toMatchObject({ v: '10', encoding, ...(compression?.endsWith('stream') && { compress: compression }) })
    })
  }
}

test.describe('without the strict policy of our pages, which forbids a worker of its own making', () => {
  test.use({ bypassCSP: true })

  test('a hidden page whose timers fire once a minute beats on time', async ({ world }) => {
    const gateway = await start(world, { heartbeatIntervalMs: 1_000, heartbeatTimeout: 4 })
    const page = await world.context.newPage()
    // As browsers treat a page that was hidden for five minutes.
    await page.addInitScript(() => {
      const real = setTimeout
      globalThis.setTimeout = ((run: () => void, ms = 0) => real(run, ms === 0 ? 0 : Math.max(ms, 60_000))) as typeof setTimeout
      Object.defineProperty(document, 'visibilityState', { value: 'hidden' })
    })
    await page.goto(world.pages.url('gateway'))
    await enter(page, gateway, QUICK)
    await until(page, 'connected')
    await gateway.until({ kind: 'sent', name: 'heartbeat' }, 6)
    expect(await gateway.log('connect')).toHaveLength(1)
  })
})

test('a policy that forbids the worker of a hidden page is told, and the page goes on', async ({ world }) => {
  const gateway = await start(world)
  const page = await world.context.newPage()
  await page.addInitScript(() => Object.defineProperty(document, 'visibilityState', { value: 'hidden' }))
  await page.goto(world.pages.url('gateway'))
  await enter(page, gateway, { ...QUICK, watched: true })
  await until(page, 'connected')
  await expect.poll(() => page.evaluate(() => gatewayLab.decisions)).toContain('background')
})

test('two tabs with one token identify one after the other', async ({ world }) => {
  const gateway = await start(world, { maxConcurrency: 1, identifySpacingMs: 300 })
  const order = { ...QUICK, identify: { spacingMs: 320 } }
  const tabs = [await open(world, gateway, order), await open(world, gateway, order)]
  for (const tab of tabs) await until(tab, 'connected')
  const judged = await gateway.log('judged')
  expect(judged.map(({ name }) => name)).toEqual(['ok', 'ok'])
})

test('a gateway that no longer answers is left for another connection, which resumes', async ({ world }) => {
  const gateway = await start(world, BEATING)
  const page = await open(world, gateway)
  await until(page, 'connected')
  await gateway.until({ kind: 'sent', name: 'heartbeat' }, 2)
  await gateway.do({ mute: true })
  await gateway.publish('NUMBER', { n: 1 })
  await gateway.until({ kind: 'sent', name: 'resume' })
  await expect.poll(() => numbers(page)).toEqual([1])
  expect(await page.evaluate(() => gatewayLab.causes)).toContain('lost/heartbeat')
})

test('each fatal close code fails once, with its own error and no further attempt', async ({ world }) => {
  const gateway = await start(world)
  const codes = { 4010: 'invalid-shard', 4011: 'sharding-required', 4012: 'invalid-version', 4013: 'invalid-intents', 4014: 'disallowed-intents', 4004: 'token-invalid' }
  for (const [code, name] of Object.entries(codes)) {
    await gateway.on({ on: 'identify', instead: true, do: [{ close: Number(code) }] })
    const page = await open(world, gateway)
    await until(page, 'failed')
    expect(await page.evaluate(() => gatewayLab.causes.at(-1))).toBe(`refused/${name}`)
    await page.close()
  }
  expect(await gateway.log('connect')).toHaveLength(Object.keys(codes).length)
})

test('an invalid session is given up and a new one begun; reconnect instead of hello is followed', async ({ world }) => {
  const gateway = await start(world)
  const page = await open(world, gateway)
  await until(page, 'connected')
  await gateway.on({ on: 'connect', instead: true, do: [{ reconnect: true }] })
  await gateway.do({ reconnect: true })
  await gateway.until({ kind: 'sent', name: 'resume' })
  await until(page, 'connected')
  await gateway.do({ invalidate: false })
  await gateway.until({ kind: 'sent', name: 'identify' }, 2)
  await until(page, 'connected')
})

test('a stream that breaks again is resumed uncompressed, and nothing is lost', async ({ world }) => {
  const gateway = await start(world)
  const page = await open(world, gateway, { ...QUICK, compression: 'zlib-stream' })
  await until(page, 'connected')
  for (let round = 1; round <= 2; round++) {
    await gateway.do({ corrupt: true })
    await gateway.until({ kind: 'sent', name: 'resume' }, round)
    await until(page, 'connected')
  }
  await gateway.publish('NUMBER', { n: 1 })
  await expect.poll(() => numbers(page)).toEqual([1])
  expect((await gateway.log('connect')).map(({ query }) => query?.['compress'])).toEqual(['zlib-stream', 'zlib-stream', undefined])
  expect(await page.evaluate(() => gatewayLab.problems)).toContain('peer/bad-frame')
})

test('shards identify one after the other, and each guild is heard by its own', async ({ world }) => {
  const gateway = await start(world, { shards: 3, identifySpacingMs: 300 })
  const info = await gateway.info()
  const page = await open(world, gateway, { ...QUICK, shards: 'auto', info, identify: { spacingMs: 320 } })
  await until(page, 'connected')
  const identified = await gateway.log('sent', 'identify')
  expect(identified.map(({ d }) => d?.['shard'])).toEqual([[0, 3], [1, 3], [2, 3]])
  const guild = '197038439483310086'
  await gateway.publish('NUMBER', { n: 1 }, guild)
  await expect.poll(() => numbers(page)).toEqual([1])
  expect(await page.evaluate((guild) => gatewayLab.gateway.shardOf(guild), guild)).toBe(Number((BigInt(guild) >> 22n) % 3n))
})

test('the members of a guild come in chunks and are one answer', async ({ world }) => {
  const guild = '197038439483310086'
  const gateway = await start(world, { guilds: [guild], members: 2_500 })
  const page = await open(world, gateway)
  await until(page, 'connected')
  const members = await page.evaluate(async (guild) => {
    const chunks = await gatewayLab.gateway.requestGuildMembers({ guild_id: guild, query: '', limit: 0 })
    return chunks.flatMap((chunk) => chunk.members.map(({ user }) => user?.id))
  }, guild)
  expect(new Set(members).size).toBe(2_500)
})

test('the page after a reload resumes the session of the one before', async ({ world }) => {
  const gateway = await start(world)
  const order = { ...QUICK, resume: true }
  const page = await open(world, gateway, order)
  await until(page, 'connected')
  await gateway.publish('NUMBER', { n: 1 })
  await expect.poll(() => numbers(page)).toEqual([1])
  await page.reload()
  await gateway.until({ kind: 'closed' })
  await gateway.publish('NUMBER', { n: 2 })
  await enter(page, gateway, order)
  await until(page, 'connected')
  await expect.poll(() => numbers(page)).toEqual([2])
  expect(await gateway.log('sent', 'identify')).toHaveLength(1)
})

test('what is sent while the line is down goes out after the resume', async ({ world }) => {
  const gateway = await start(world)
  const page = await open(world, gateway)
  await until(page, 'connected')
  await gateway.do({ refuse: true }, { reset: true })
  await until(page, 'reconnecting')
  const sent = page.evaluate(async () => (await gatewayLab.gateway.send(3, { since: null, activities: [], status: 'idle', afk: false }).receipt).status)
  await gateway.do({ refuse: false })
  expect(await sent).toBe('sent')
  const entry = await gateway.until({ kind: 'sent', op: 3 } as never)
  expect(entry.d).toMatchObject({ status: 'idle' })
})

test('a command that is too large fails here, and the session goes on', async ({ world }) => {
  const gateway = await start(world)
  const page = await open(world, gateway)
  await until(page, 'connected')
  const code = await page.evaluate(() => gatewayLab.gateway.send(3, { text: 'ä'.repeat(2_100) }).receipt.catch((error: { code: string }) => error.code))
  expect(code).toBe('dropped/too-large')
  expect(await page.evaluate(() => gatewayLab.gateway.state.status)).toBe('connected')
})
