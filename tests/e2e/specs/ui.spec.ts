import type { Page } from '@playwright/test'
import axe from 'axe-core'
import { tokenFor } from '../support/token.ts'
import { expect, test, type World } from '../support/world.ts'

/** A page with every component, whose client speaks to this port. */
async function open(world: World, port: number, token?: string, query = ''): Promise<Page> {
  const page = await world.context.newPage()
  page.on('pageerror', (error) => { throw error })
  await page.goto(world.pages.url('ui'))
  await page.evaluate(([url, token]) => ui.open(url as string, token), [`ws://127.0.0.1:${port}/ws${query}`, token])
  await expect(page.getByText('Connected')).toBeVisible()
  return page
}

const LOOKS = [
  { name: 'light', colorScheme: 'light', theme: undefined, width: 900 },
  { name: 'dark', colorScheme: 'dark', theme: undefined, width: 900 },
  { name: 'light by choice in a dark system', colorScheme: 'dark', theme: 'light', width: 900 },
  { name: 'dark by choice in a light system, narrow', colorScheme: 'light', theme: 'dark', width: 320 },
] as const

/** What axe has to say about the page in every look; also whether it is wider than its window. */
async function complaints(page: Page, shots?: string): Promise<string[]> {
  const all: string[] = []
  // No finish of a colour's way is waited for.
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.evaluate(axe.source)
  for (const { name, colorScheme, theme, width } of LOOKS) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize({ width, height: 700 })
    await page.evaluate((theme) => {
      if (theme) document.documentElement.dataset['theme'] = theme
      else delete document.documentElement.dataset['theme']
    }, theme)
    const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run({ resultTypes: ['violations'] }))
    for (const { id, nodes } of violations) {
      for (const { html, failureSummary } of nodes) all.push(`${name}: ${id}: ${html}: ${failureSummary}`)
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    if (wide > 0) all.push(`${name}: ${wide} px too wide`)
    if (shots) await page.screenshot({ path: `${shots}-${name.replaceAll(' ', '-')}.png`, fullPage: true })
  }
  return all
}

/** What the page says once it will not try again by itself before a test is over. */
const LONG_WAIT = /^Offline, next try in \d{2,} s/

/** Where to put pictures of what is tested, for people to look at. */
const SHOTS = process.env.TAUTLINE_SHOTS

test('the components say what goes on in words, and are accessible in light, in dark and on narrow pages', async ({ world }) => {
  const relay = await world.relay()
  const proxy = await world.proxy(relay)
  const page = await open(world, proxy.port)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await expect(page.getByRole('meter', { name: 'Connection quality' })).toHaveAttribute('aria-valuetext', /ms$/)
  expect(await complaints(page, SHOTS && `${SHOTS}/connected`)).toEqual([])

  proxy.mode = 'refuse'
  proxy.reset()
  await expect(page.locator('[data-tautline=connection-status]')).toContainText(LONG_WAIT)
  await page.evaluate(() => {
    for (let n = 0; n < 3; n++) ui.client.channel('room').send('message', n)
  })
  await expect(page.locator('[data-tautline=queue-indicator]')).toHaveText('3 messages wait to be sent')
  await expect(page.getByText('Waiting for the connection')).toBeVisible()
  await expect(page.getByRole('status').filter({ hasText: 'Reconnecting…' }), 'said aloud').toHaveCount(1)
  expect(await complaints(page, SHOTS && `${SHOTS}/offline`)).toEqual([])

  proxy.mode = 'pass'
  await page.getByRole('button', { name: 'Try now' }).click()
  await expect(page.getByText('Connected', { exact: true }).first()).toBeVisible()
  await expect(page.locator('[data-tautline=queue-indicator]')).toBeHidden()
})

test('the inspector shows the line, its frames and its losses, is used by keys alone, and reports no secret', async ({ world }) => {
  const relay = await world.guardedRelay()
  const proxy = await world.proxy(relay)
  const token = tokenFor('ada', 3600, { channels: ['*'] })
  const page = await open(world, proxy.port, token, '?ticket=k7Gh2Lp9Qw4Zx1Vb8Nm3')
  const panel = page.getByRole('dialog', { name: 'Tautline inspector' })
  const scripts: string[] = []
  page.on('request', (request) => scripts.push(new URL(request.url()).pathname))
  await page.getByRole('button', { name: 'Tautline inspector' }).focus()
  await page.keyboard.press('Enter')
  await expect(panel.getByRole('heading', { name: 'Tautline inspector' })).toBeFocused()
  expect(scripts, 'downloaded when it is opened').toEqual([expect.stringMatching(/^\/panel-\w+\.js$/)])
  await expect(panel.getByRole('img', { name: 'the present one is connected' })).toBeVisible()
  await expect(panel.getByRole('img', { name: /^Latency/ })).toBeVisible()

  proxy.mode = 'refuse'
  proxy.reset()
  await expect(page.locator('[data-tautline=connection-status]')).toContainText(LONG_WAIT)
  await page.evaluate(() => {
    for (let n = 0; n < 2; n++) ui.client.channel('room').send('message', 'Meet me')
  })
  await expect(page.locator('[data-tautline=queue-indicator]')).toHaveText('2 messages wait to be sent')
  await expect(panel).toContainText('2 messages,')
  await expect(panel.getByRole('img', { name: 'the present one is reconnecting' })).toBeVisible()
  await expect(panel).toContainText('lost/network')
  proxy.mode = 'pass'
  await panel.getByRole('button', { name: 'Try now' }).click()
  await expect(panel.getByRole('img', { name: 'the present one is connected' })).toBeVisible()
  await expect(page.locator('[data-tautline=queue-indicator]')).toBeHidden()
  for (const kind of ['hello', 'publish message', 'ack']) await expect(panel.getByText(kind, { exact: true }).first()).toBeAttached()
  expect(await complaints(page, SHOTS && `${SHOTS}/inspector`)).toEqual([])

  await panel.getByRole('button', { name: 'Copy as a bug report' }).click()
  const report = await panel.getByRole('textbox', { name: 'Bug report' }).inputValue()
  for (const part of ['out hello', 'lost/network × 1', 'ticket=[redacted]', 'reconnecting']) expect(report).toContain(part)
  const all = report + (await panel.evaluate((element) => element.textContent))
  for (const secret of [token, token.slice(0, 30), token.slice(-20), 'k7Gh2Lp9', 'Meet me']) {
    expect(report, 'the report').not.toContain(secret)
    if (secret !== 'Meet me') expect(all, 'the panel').not.toContain(secret)
  }

  await page.keyboard.press('Escape')
  await expect(panel).toBeHidden()
  await expect(page.getByRole('button', { name: 'Tautline inspector' })).toBeFocused()
})
