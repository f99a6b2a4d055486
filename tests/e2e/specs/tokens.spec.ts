import type { Page } from '@playwright/test'
import { type Actor, QUICK } from '../support/actor.ts'
import { tokenFor } from '../support/token.ts'
import { expect, test, type World } from '../support/world.ts'

const ROOM = 'room'
const ALL = { channels: ['*'] }

/** Gives the page a token function that answers from a list, the last one for ever. Returns what it was asked. */
async function provide(page: Page, ...tokens: (() => string)[]): Promise<string[]> {
  const asked: string[] = []
  await page.exposeFunction('provideToken', (why: string) => {
    asked.push(why)
    return tokens[Math.min(asked.length, tokens.length) - 1]?.()
  })
  return asked
}

async function askedBy(world: World, port: number, ...tokens: (() => string)[]): Promise<[Actor, string[]]> {
  const actor = await world.actor()
  const asked = await provide(actor.page, ...tokens)
  await actor.open(port, { ...QUICK, ask: true })
  return [actor, asked]
}

const good = (): string => tokenFor('ann', 3600, ALL)
const forged = (): string => tokenFor('ann', 3600, ALL, 'another secret than the one of the relay')
const over = (): string => tokenFor('ann', -60, ALL)

test('a token opens the door and gives the user a name', async ({ world }) => {
  const relay = await world.guardedRelay()
  const ann = await world.actor()
  await ann.join(relay.port, ROOM, { ...QUICK, token: good() })
  expect(await ann.get('welcomes')).toMatchObject([{ user: 'ann' }])
})

test('a bad token fails with its reason after the application was asked for another one once', async ({ world }) => {
  const relay = await world.guardedRelay()
  const [ann, asked] = await askedBy(world, relay.port, forged)
  await ann.untilStatus('failed')
  expect(asked).toEqual(['connect', 'refused'])
  expect((await ann.get('states')).at(-1)).toEqual({ status: 'failed', cause: 'refused/token-invalid' })
})

test('no token where one is needed fails with its reason', async ({ world }) => {
  const relay = await world.guardedRelay()
  const ann = await world.actor()
  await ann.open(relay.port)
  await ann.untilStatus('failed')
  expect((await ann.get('states')).at(-1)).toEqual({ status: 'failed', cause: 'refused/auth-required' })
})

test('an expired token is replaced by a fresh one without the user noticing', async ({ world }) => {
  const relay = await world.guardedRelay()
  const [ann, asked] = await askedBy(world, relay.port, over, good)
  await ann.untilStatus('connected')
  expect(asked).toEqual(['connect', 'refused'])
  expect((await ann.get('states')).map(({ status }) => status)).not.toContain('failed')
})

test('a token is renewed on the living connection before it expires', async ({ world }) => {
  const relay = await world.guardedRelay()
  const [ann, asked] = await askedBy(world, relay.port, () => tokenFor('ann', 4, ALL), good)
  await ann.untilStatus('connected')
  await expect.poll(() => ann.get('tokensAccepted')).toBeGreaterThanOrEqual(2)
  expect(asked).toEqual(['connect', 'refresh'])
  expect(await ann.get('welcomes')).toHaveLength(1)
  expect(await ann.causes()).toEqual([])
})

test('a channel that the token does not give is refused, and the others work', async ({ world }) => {
  const relay = await world.guardedRelay()
  const ann = await world.actor()
  await ann.join(relay.port, 'mine:1', { ...QUICK, token: tokenFor('ann', 3600, { channels: ['mine:*'] }) })
  await ann.page.evaluate(() => lab.join('yours:1'))
  const status = (): Promise<unknown> =>
    ann.page.evaluate(() => {
      const { status, error } = lab.client.channel('yours:1')
      return [status, error?.code]
    })
  await expect.poll(status).toEqual(['refused', 'refused/forbidden'])
  const outcome = await ann.page.evaluate(() => lab.outcome(lab.client.channel('yours:1').send('message', 'hi').receipt))
  expect(outcome).toMatchObject({ ok: false, code: 'refused/forbidden' })
  await ann.send('mine:1', 'message', 'hi')
  await expect.poll(() => ann.acked()).toBe(1)
})

test('a token never shows in the address, in errors or in what the relay prints', async ({ world }) => {
  const relay = await world.guardedRelay()
  const addresses: string[] = []
  const ann = await world.actor()
  const printed: string[] = []
  ann.page.on('websocket', (socket) => addresses.push(socket.url()))
  ann.page.on('console', (message) => printed.push(message.text()))
  const token = forged()
  await ann.open(relay.port, { ...QUICK, token })
  await ann.untilStatus('failed')
  const words = await ann.page.evaluate(() => {
    const { cause } = lab.client.state
    return [String(cause), JSON.stringify(cause?.details), String(cause?.stack)]
  })
  expect(addresses.length).toBeGreaterThan(0)
  for (const text of [...addresses, ...printed, ...words, relay.said]) expect(text).not.toContain(token.slice(-20))
})
