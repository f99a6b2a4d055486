import type { Page } from '@playwright/test'
import axe from 'axe-core'
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
  await expect(page.locator('[data-tautline=connection-status]')).toHaveAttribute('data-status', 'reconnecting')
  await page.evaluate(() => {
    for (let n = 0; n < 3; n++) ui.client.channel('room').send('message', n)
  })
  await expect(page.locator('[data-tautline=queue-indicator]')).toHaveText('3 messages wait to be sent')
  await expect(page.getByText('Waiting for the connection')).toBeVisible()
  await expect(page.getByRole('status').filter({ hasText: 'Reconnecting…' }), 'said aloud').toHaveCount(1)
  expect(await complaints(page, SHOTS && `${SHOTS}/offline`)).toEqual([])

  // By now the client tries once a minute.
  proxy.mode = 'pass'
  await page.getByRole('button', { name: 'Try now' }).click()
  await expect(page.getByText('Connected', { exact: true }).first()).toBeVisible()
  await expect(page.locator('[data-tautline=queue-indicator]')).toBeHidden()
})
