// tautline/react in real pages: StrictMode, development React, real relay, real faults.
import type { Page } from '@playwright/test'
import { expect, test, type World } from '../support/world.ts'

interface Opened {
  readonly page: Page
  /** What the console said that it should not have. */
  readonly complaints: string[]
  /** The scripts that were downloaded. */
  readonly scripts: string[]
}

async function open(world: World, query: Record<string, string | number>): Promise<Opened> {
  const page = await world.context.newPage()
  const complaints: string[] = []
  const scripts: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('response', (response) => {
    if (response.url().endsWith('.js')) scripts.push(new URL(response.url()).pathname)
  })
  await page.goto(`${world.pages.url('react')}?${new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]))}`)
  return { page, complaints, scripts }
}

const connected = (page: Page): Promise<void> => expect(page.getByTestId('status')).toHaveText('connected')
const lines = (page: Page) => page.getByTestId('chat').locator('li')
const cards = (page: Page) => page.getByTestId('board').locator('li')

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('text').fill(text)
  await page.getByLabel('text').press('Enter')
}

test('two pages in StrictMode chat: one connection each, presence, typing, and marks up to read', async ({ world }) => {
  const relay = await world.relay()
  const proxy = await world.proxy(relay)
  const [ann, bob] = [await open(world, { port: proxy.port }), await open(world, { port: proxy.port, name: 'bob' })]
  await connected(ann.page)
  await connected(bob.page)
  await expect(ann.page.getByTestId('members')).toHaveText('ann,bob')
  await ann.page.getByLabel('text').fill('h')
  await expect(bob.page.getByTestId('typing')).toHaveText('ann')
  await say(ann.page, 'hello')
  await expect(lines(bob.page)).toHaveText(['ann: hello (read)'])
  await expect(lines(ann.page)).toHaveText(['ann: hello (read)'])
  expect(proxy.accepted).toBe(2)
  expect([...ann.complaints, ...bob.complaints]).toEqual([])
})

test('what is written offline arrives after the reconnect, in order and once, and what was missed comes late', async ({ world }) => {
  const relay = await world.relay()
  const proxy = await world.proxy(relay)
  const [ann, bob] = [await open(world, { port: proxy.port }), await open(world, { port: relay.port, name: 'bob' })]
  await connected(ann.page)
  await connected(bob.page)
  await say(ann.page, 'one')
  await expect(lines(bob.page)).toHaveCount(1)
  proxy.mode = 'refuse'
  proxy.reset()
  await expect(ann.page.getByTestId('status')).toHaveText('reconnecting')
  await say(ann.page, 'two')
  await say(bob.page, 'meanwhile')
  await ann.page.getByRole('button', { name: 'insert' }).click()
  await expect(lines(ann.page).last()).toHaveText('ann: two (sending)')
  await expect(ann.page.getByTestId('board')).toHaveAttribute('data-pending', '1')
  proxy.mode = 'pass'
  await connected(ann.page)
  const both = ['ann: one (read)', 'bob: meanwhile (read)', 'ann: two (read)']
  await expect(lines(ann.page)).toHaveText(both)
  await expect(lines(bob.page)).toHaveText(both)
  await expect(ann.page.getByTestId('board')).toHaveAttribute('data-pending', '0')
  await expect(cards(bob.page)).toHaveText(['ann0 new'])
})

test('a board converges: what both change at once ends alike', async ({ world }) => {
  const relay = await world.relay()
  const [ann, bob] = [await open(world, { port: relay.port }), await open(world, { port: relay.port, name: 'bob' })]
  await connected(ann.page)
  await connected(bob.page)
  await expect(ann.page.getByTestId('board')).toHaveAttribute('data-online', '2')
  await ann.page.getByRole('button', { name: 'insert' }).click()
  await expect(cards(bob.page)).toHaveCount(1)
  await Promise.all([ann, bob].map(({ page }) => page.getByRole('button', { name: 'update' }).click()))
  await expect(ann.page.getByTestId('board')).toHaveAttribute('data-pending', '0')
  await expect(bob.page.getByTestId('board')).toHaveAttribute('data-pending', '0')
  await expect(cards(ann.page)).toHaveText(/^ann0 by (ann|bob)$/)
  await expect(cards(bob.page)).toHaveText(await cards(ann.page).allTextContents())
  await bob.page.getByRole('button', { name: 'remove' }).click()
  await expect(cards(ann.page)).toHaveCount(0)
})

test('a chat that is closed and opened again has its past, and its room was left meanwhile', async ({ world }) => {
  const relay = await world.relay()
  const [ann, bob] = [await open(world, { port: relay.port }), await open(world, { port: relay.port, name: 'bob' })]
  await connected(ann.page)
  await say(ann.page, 'one')
  await expect(lines(bob.page)).toHaveCount(1)
  await ann.page.getByRole('button', { name: 'toggle' }).click()
  await expect(bob.page.getByTestId('members')).toHaveText('bob')
  await say(bob.page, 'two')
  await ann.page.getByRole('button', { name: 'toggle' }).click()
  await expect(lines(ann.page)).toHaveText([/^ann: one/, 'bob: two (read)'])
})

test('only the core of the protocol is downloaded', async ({ world }) => {
  const relay = await world.relay()
  const server = await world.example('channels')
  const own = await open(world, { port: relay.port })
  await connected(own.page)
  const json = await open(world, { port: server.port, path: '/', protocol: 'json' })
  await connected(json.page)
  // The bundler names an index by its folder.
  const cores = ({ scripts }: Opened): string[] => scripts.flatMap((script) => /^\/(dist|json|env)-/.exec(script)?.[1] ?? [])
  expect(cores(own)).toEqual(['dist'])
  expect(cores(json)).toEqual(['json'])
  await say(json.page, 'hello')
  await expect(lines(json.page)).toHaveText(['ann: hello (sent)'])
})

test('a policy that forbids WebAssembly shows one failure that names what the policy needs', async ({ world }) => {
  const relay = await world.relay()
  await world.context.route('**/react.html*', async (route) => {
    const response = await route.fetch()
    const policy = response.headers()['content-security-policy']?.replace("'wasm-unsafe-eval'", '') ?? ''
    await route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': policy } })
  })
  const { page } = await open(world, { port: relay.port })
  await expect(page.getByTestId('status')).toHaveText('failed')
  await expect(page.getByTestId('status')).toHaveAttribute('data-cause', 'internal/wasm-load')
})

test('a server that never answers is shown as an attempt that goes on', async ({ world }) => {
  const relay = await world.relay()
  const proxy = await world.proxy(relay)
  proxy.mode = 'blackhole'
  const { page, complaints } = await open(world, { port: proxy.port })
  await expect(page.getByTestId('status')).toHaveText('connecting')
  proxy.mode = 'pass'
  proxy.reset()
  await connected(page)
  expect(complaints.filter((text) => !text.includes('WebSocket connection'))).toEqual([])
})
