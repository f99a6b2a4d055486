// The demo as its visitors see it: built, and served by the relay.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Page } from '@playwright/test'
import { expect, test } from '../support/world.ts'

const PAGES = fileURLToPath(new URL('../../../www/dist', import.meta.url))

async function say(page: Page, text: string): Promise<void> {
  await page.getByTestId('message-input').fill(text)
  await page.getByTestId('send').click()
}

test('two visitors chat, see each other type, and both come back from offline and from a killed relay', async ({ world, browser }) => {
  test.setTimeout(120_000)
  expect(existsSync(PAGES), 'expected the demo in www/dist: run `npm run build -w www`').toBe(true)
  const relay = await world.relay('--demo-faults', '--static', PAGES)
  const wrong: string[] = []
  const visitors: Page[] = []
  for (const name of ['Ann', 'Bob']) {
    // Each in a browser of their own: they share no storage.
    const context = await browser.newContext()
    world.keep(() => context.close())
    const page = await context.newPage()
    page.on('pageerror', (error) => wrong.push(`${name}: ${error}`))
    await page.goto(relay.http)
    visitors.push(page)
  }
  const [ann, bob] = visitors as [Page, Page]
  for (const page of visitors) await expect(page.getByTestId('status')).toHaveAttribute('data-status', 'connected')

  await say(ann, 'Hello, Bob')
  await expect(bob.getByTestId('message').filter({ hasText: 'Hello, Bob' })).toHaveCount(1)
  await expect(ann.getByTestId('message').filter({ hasText: 'Hello, Bob' })).toHaveAttribute('data-status', /sent|delivered|read/)

  await bob.getByTestId('message-input').pressSequentially('I am ty')
  await expect(ann.getByTestId('typing')).toContainText('is typing')
  await bob.getByTestId('message-input').fill('')
  await expect(ann.getByTestId('typing')).toHaveAttribute('data-active', 'false')

  await ann.getByTestId('fault-offline').click()
  await expect(ann.getByTestId('status')).toHaveAttribute('data-status', 'reconnecting')
  await say(ann, 'Said while offline')
  await expect(ann.getByTestId('message').filter({ hasText: 'Said while offline' })).toHaveAttribute('data-status', 'sending')
  await ann.getByTestId('fault-offline').click()
  await expect(ann.getByTestId('status')).toHaveAttribute('data-status', 'connected')
  await expect(bob.getByTestId('message').filter({ hasText: 'Said while offline' })).toHaveCount(1)

  await ann.getByTestId('fault-kill').click()
  for (const page of visitors) await expect(page.getByTestId('status')).toHaveAttribute('data-status', 'reconnecting')
  await say(ann, 'Said while the relay was away')
  for (const page of visitors) {
    await expect(page.getByTestId('status')).toHaveAttribute('data-status', 'connected', { timeout: 60_000 })
  }
  await expect(bob.getByTestId('message').filter({ hasText: 'Said while the relay was away' })).toHaveCount(1)
  // The killed relay forgot everything, and the demo says so.
  await expect(bob.getByTestId('gap')).not.toHaveCount(0)
  expect(wrong).toEqual([])
})
