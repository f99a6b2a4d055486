// The example application in React and Vite: built, and served by the relay.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Browser, Locator, Page } from '@playwright/test'
import type { FaultProxy } from '../support/fault-proxy.ts'
import type { Relay } from '../support/relay.ts'
import { ViteApp } from '../support/vite-app.ts'
import { expect, test, type World } from '../support/world.ts'

const PAGES = fileURLToPath(new URL('../../../examples/vite-board/dist', import.meta.url))

async function serve(world: World): Promise<Relay> {
  expect(existsSync(PAGES), 'expected the board in examples/vite-board/dist: run `cargo xtask test --only examples`').toBe(true)
  // Small frames: a long card is refused.
  return world.relay('--static', PAGES, '--frame-limit', '4096')
}

async function visit(world: World, browser: Browser, { port }: Relay | FaultProxy | URL): Promise<Page> {
  const context = await browser.newContext()
  world.keep(() => context.close())
  const page = await context.newPage()
  await page.goto(`http://127.0.0.1:${port}`)
  await untilStatus(page, 'connected')
  return page
}

async function untilStatus(page: Page, status: string): Promise<void> {
  await expect(page.getByTestId('status')).toHaveAttribute('data-status', status, { timeout: 60_000 })
}

function column(page: Page, name: string): Locator {
  return page.getByRole('region', { name })
}

function card(page: Page, text: string): Locator {
  return page.getByTestId('card').filter({ hasText: text })
}

async function add(page: Page, name: string, ...texts: string[]): Promise<void> {
  const place = column(page, name)
  await place.getByRole('button', { name: 'Add a card' }).click()
  for (const text of texts) {
    await place.getByRole('textbox').fill(text)
    await page.keyboard.press('Enter')
  }
  await page.keyboard.press('Escape')
}

/** The cards, column by column. */
async function board(page: Page): Promise<string[][]> {
  const columns = ['To do', 'Doing', 'Done'].map((name) => column(page, name).getByTestId('card').locator('p').allInnerTexts())
  return Promise.all(columns)
}

test('a card is there at once and once on every board, also on one that comes later', async ({ world, browser }) => {
  const relay = await serve(world)
  const proxy = await world.proxy(relay)
  const [ann, bob] = [await visit(world, browser, proxy), await visit(world, browser, relay)]
  proxy.mode = 'blackhole'
  await add(ann, 'To do', 'Buy chalk')
  await expect(card(ann, 'Buy chalk')).toHaveCount(1)
  await expect(ann.getByTestId('queue')).toHaveAttribute('data-count', '1')
  expect(await card(bob, 'Buy chalk').count()).toBe(0)
  proxy.mode = 'pass'
  proxy.reset()
  await expect(card(bob, 'Buy chalk')).toHaveCount(1)
  await expect(ann.getByTestId('queue')).toBeHidden()
  await expect(card(ann, 'Buy chalk')).toHaveCount(1)
  await card(ann, 'Buy chalk').getByRole('button', { name: 'Edit' }).click()
  await ann.getByLabel('Text of the card').fill('Buy coloured chalk')
  await ann.keyboard.press('Enter')
  await expect(card(bob, 'Buy coloured chalk')).toHaveCount(1)
  const late = await visit(world, browser, relay)
  await expect.poll(() => board(late)).toEqual([['Buy coloured chalk'], [], []])
})

test('while somebody writes the application, Vite’s server hands the conversation on to the relay', async ({ world, browser }) => {
  const relay = await serve(world)
  const app = await ViteApp.example('vite-board', relay.http)
  world.keep(() => app.stop())
  const [ann, bob] = [await visit(world, browser, new URL(app.address)), await visit(world, browser, relay)]
  await add(ann, 'To do', 'Write it')
  await expect(card(bob, 'Write it')).toHaveCount(1)
  await expect(ann.getByTestId('queue')).toBeHidden()
})

test('a card that the relay refuses is taken back, and the board says why', async ({ world, browser }) => {
  const ann = await visit(world, browser, await serve(world))
  await add(ann, 'To do', 'Short', '長'.repeat(1_500))
  await expect(ann.getByTestId('problem')).toContainText('was taken back')
  await expect.poll(() => board(ann)).toEqual([['Short'], [], []])
  await expect(ann.getByTestId('queue')).toBeHidden()
})

test('two boards that are changed while the line is cut are the same afterwards', async ({ world, browser }) => {
  const relay = await serve(world)
  const proxy = await world.proxy(relay)
  const [ann, bob] = [await visit(world, browser, proxy), await visit(world, browser, relay)]
  await add(bob, 'To do', 'One', 'Two', 'Three')
  await expect.poll(() => board(ann)).toEqual([['One', 'Two', 'Three'], [], []])

  proxy.mode = 'refuse'
  proxy.reset()
  await untilStatus(ann, 'reconnecting')
  await card(ann, 'One').getByRole('button', { name: 'Move to Doing' }).click()
  await card(ann, 'Two').getByRole('button', { name: 'Delete' }).click()
  await add(ann, 'Done', 'Ann’s')
  await expect.poll(() => board(ann)).toEqual([['Three'], ['One'], ['Ann’s']])
  await card(bob, 'One').getByRole('button', { name: 'Move to Doing' }).click()
  await card(bob, 'One').getByRole('button', { name: 'Move to Done' }).click()
  await card(bob, 'Three').getByRole('button', { name: 'Move to Doing' }).click()
  await add(bob, 'Done', 'Bob’s')

  proxy.mode = 'pass'
  await untilStatus(ann, 'connected')
  await expect(ann.getByTestId('queue')).toBeHidden()
  // Ann's changes come later in the channel: of the two moves of one card hers holds.
  await expect.poll(async () => (await board(bob))[1]).toContain('One')
  await expect.poll(async () => JSON.stringify(await board(ann)) === JSON.stringify(await board(bob))).toBe(true)
  const [todo, doing, done] = await board(bob)
  expect(todo).toEqual([])
  expect(doing?.toSorted()).toEqual(['One', 'Three'])
  expect(done?.toSorted()).toEqual(['Ann’s', 'Bob’s'])
})

test('the keyboard alone moves a card, and the focus goes along', async ({ world, browser }) => {
  const ann = await visit(world, browser, await serve(world))
  await add(ann, 'To do', 'Walk')
  await card(ann, 'Walk').getByRole('button', { name: 'Move to Doing' }).focus()
  await ann.keyboard.press('Enter')
  await expect(column(ann, 'Doing').getByTestId('card')).toBeFocused()
  await ann.keyboard.press('Tab')
  await expect(card(ann, 'Walk').getByRole('button', { name: 'Move to To do' })).toBeFocused()
})

test('what a stranger publishes breaks no board', async ({ world, browser }) => {
  const relay = await serve(world)
  const ann = await visit(world, browser, relay)
  await add(ann, 'To do', 'Whole')
  await ann.evaluate(async (url) => {
    const socket = new WebSocket(url, 'tautline.v1')
    const heard = (type: string): Promise<void> =>
      new Promise((resolve) => socket.addEventListener('message', ({ data }) => JSON.parse(data).type === type && resolve()))
    await new Promise((resolve) => (socket.onopen = resolve))
    const welcome = heard('welcome')
    socket.send(JSON.stringify({ type: 'hello', session: 'a-stranger-of-the-board' }))
    await welcome
    const id = document.querySelector('[data-testid="card"]')?.id
    const cards = [null, 'card', { id: 'a', text: {}, column: 'todo', rank: 0 }, { id: 'b', text: 'b', column: {}, rank: 'x' }, { id: 1 }]
    const acked = heard('ack')
    cards.forEach((payload, index) => {
      socket.send(JSON.stringify({ type: 'publish', id: index + 1, channel: 'board', event: 'card:insert', payload }))
    })
    socket.send(JSON.stringify({ type: 'publish', id: 9, channel: 'board', event: 'card:update', payload: { id, rank: {}, text: ['no'] } }))
    socket.send(JSON.stringify({ type: 'publish', id: 10, channel: 'board', event: 'card:insert', payload: { id: 'c', text: 'Last', column: 'done', rank: 0 } }))
    await acked
  }, `ws://127.0.0.1:${relay.port}/ws`)
  for (const page of [ann, await visit(world, browser, relay)]) await expect.poll(() => board(page)).toEqual([[], [], ['Last']])
})
