// The demo goes over from the relay to a Discord-style gateway, and back.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Locator, Page } from '@playwright/test'
import { ScriptedGateway } from '../support/gateway.ts'
import { expect, test } from '../support/world.ts'

const PAGES = fileURLToPath(new URL('../../../www/dist', import.meta.url))

const shown = (page: Page, text: string): Locator => page.getByTestId('message').filter({ hasText: text })
const state = async (page: Page, wanted: string): Promise<void> => expect(page.getByTestId('status')).toHaveAttribute('data-status', wanted)

async function say(page: Page, text: string): Promise<void> {
  await page.getByTestId('message-input').fill(text)
  await page.getByTestId('send').click()
  await expect(shown(page, text)).toHaveCount(1)
}

test('two visitors go over to the gateway with what waits: it arrives there, once, and never at the relay', async ({ world, browser }) => {
  test.setTimeout(120_000)
  expect(existsSync(PAGES), 'expected the demo in www/dist: run `npm run build -w www`').toBe(true)
  const relay = await world.relay('--demo-faults', '--static', PAGES)
  const gateway = await ScriptedGateway.start({ dialect: 'chat', heartbeatIntervalMs: 1000, serverHeartbeats: true })
  world.keep(() => gateway.close())
  const wrong: string[] = []
  const visitors: Page[] = []
  for (const name of ['Ann', 'Bob', 'Eve']) {
    const context = await browser.newContext()
    world.keep(() => context.close())
    const page = await context.newPage()
    page.on('pageerror', (error) => wrong.push(`${name}: ${error}`))
    await page.route('**/gateway.json', (route) => route.fulfill({ json: { url: gateway.url } }))
    await page.goto(relay.http)
    await state(page, 'connected')
    visitors.push(page)
  }
  const [ann, bob, eve] = visitors as [Page, Page, Page]
  await say(ann, 'Over the relay')
  await expect(shown(bob, 'Over the relay')).toHaveCount(1)

  await bob.getByTestId('transport').selectOption('gateway')
  await state(bob, 'connected')
  await gateway.until({ kind: 'sent', name: 'CHANNEL_SUBSCRIBE' })

  await ann.getByTestId('fault-hang-up').click()
  await state(ann, 'closed')
  for (const text of ['First that waits', 'Second that waits']) await say(ann, text)
  await ann.getByTestId('transport').selectOption('gateway')
  await state(ann, 'connected')
  for (const page of [ann, bob]) await expect(page.getByTestId('message').filter({ hasText: 'that waits' })).toHaveText([/First/, /Second/])

  await bob.getByTestId('message-input').pressSequentially('Me')
  await expect(ann.getByTestId('typing')).toContainText('typing')
  await say(bob, 'Me too')
  await expect(shown(ann, 'Me too')).toHaveCount(1)

  await ann.getByTestId('transport').selectOption('relay')
  await state(ann, 'connected')
  await say(ann, 'Back again')
  await expect(shown(eve, 'Back again')).toHaveCount(1)
  for (const page of [ann, eve]) await expect(shown(page, 'that waits')).toHaveCount(0)
  const texts = (await gateway.log('sent', 'message')).map(({ d }) => d?.['text'])
  expect(texts).toEqual(['First that waits', 'Second that waits', 'Me too'])
  expect(wrong).toEqual([])
})
