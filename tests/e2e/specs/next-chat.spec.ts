// The example application in Next.js, as people use it: built for production, on a relay that wants tokens.
import { randomBytes } from 'node:crypto'
import type { Browser, Locator, Page } from '@playwright/test'
import { NextApp } from '../support/next-app.ts'
import { Relay } from '../support/relay.ts'
import { SECRET } from '../support/token.ts'
import { expect, test, type World } from '../support/world.ts'

const KEY = randomBytes(16).toString('hex')

class Chat {
  readonly address: string
  readonly relay: Relay
  readonly #world: World
  readonly #browser: Browser
  readonly #wrong: string[] = []

  private constructor(world: World, browser: Browser, address: string, relay: Relay) {
    this.#world = world
    this.#browser = browser
    this.address = address
    this.relay = relay
  }

  static async open(world: World, browser: Browser): Promise<Chat> {
    // The relay wants the application's origin, and the application the relay's address: so a proxy in front of the relay comes first.
    const target = { port: 0 }
    const proxy = await world.proxy(target)
    const app = await NextApp.start({ TAUTLINE_URL: `ws://127.0.0.1:${proxy.port}/ws`, TAUTLINE_JWT_SECRET: SECRET, TAUTLINE_API_KEY: KEY })
    world.keep(() => app.stop())
    const relay = await Relay.start('--jwt-secret', SECRET, '--api-key', KEY, '--allow-origin', app.address)
    world.keep(() => relay.kill())
    target.port = relay.port
    return new Chat(world, browser, app.address, relay)
  }

  /** Comes in under a name, in a browser of its own. */
  async visit(name: string): Promise<Page> {
    const context = await this.#browser.newContext()
    this.#world.keep(() => context.close())
    const page = await context.newPage()
    page.on('pageerror', (error) => this.#wrong.push(`${name}: ${error}`))
    await page.goto(this.address)
    await page.getByLabel('Your name').fill(name)
    await page.getByRole('button', { name: 'Come in' }).click()
    await untilStatus(page, 'connected')
    return page
  }

  /** Nothing was thrown in any page. */
  expectNothingWrong(): void {
    expect(this.#wrong).toEqual([])
  }
}

async function untilStatus(page: Page, status: string): Promise<void> {
  await expect(page.getByTestId('status')).toHaveAttribute('data-status', status, { timeout: 60_000 })
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel(/^Message to/).fill(text)
  await page.keyboard.press('Enter')
}

function message(page: Page, text: string): Locator {
  return page.getByTestId('message').filter({ hasText: text })
}

async function enter(page: Page, conversation: string): Promise<void> {
  await page.getByTestId(`to-${conversation.toLowerCase()}`).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(conversation)
}

/** How many messages this page's browser has on disk. */
function kept(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open('tautline')
        opening.onerror = () => reject(opening.error)
        opening.onsuccess = () => {
          const counting = opening.result.transaction('messages').objectStore('messages').count()
          counting.onerror = () => reject(counting.error)
          counting.onsuccess = () => {
            opening.result.close()
            resolve(counting.result)
          }
        }
      }),
  )
}

/** Says to the page that nobody looks at it, or somebody does. */
async function look(page: Page, state: DocumentVisibilityState): Promise<void> {
  await page.evaluate((visibility) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => visibility })
    document.dispatchEvent(new Event('visibilitychange'))
  }, state)
}

test.describe.configure({ timeout: 120_000 })

test('a message is sent, delivered and read; typing, presence and what is unread are seen by the other', async ({ world, browser }) => {
  const chat = await Chat.open(world, browser)
  const [ann, bob] = [await chat.visit('Ann'), await chat.visit('Bob')]

  await enter(bob, 'Launch')
  await say(ann, 'Is anybody in?')
  await expect(message(ann, 'Is anybody in?')).toHaveAttribute('data-status', 'sent')
  await expect(bob.getByTestId('to-general')).toContainText('1 unread')

  await look(bob, 'hidden')
  await enter(bob, 'General')
  await expect(message(bob, 'Is anybody in?')).toHaveCount(1)
  await say(ann, 'Are you looking?')
  await expect(message(ann, 'Are you looking?')).toHaveAttribute('data-status', 'delivered')
  await look(bob, 'visible')
  await expect(message(ann, 'Are you looking?')).toHaveAttribute('data-status', 'read')
  await expect(message(ann, 'Is anybody in?')).toHaveAttribute('data-status', 'read')
  await expect(bob.getByTestId('to-general')).not.toContainText('unread')

  await bob.getByLabel(/^Message to/).pressSequentially('I am ty')
  await expect(ann.getByTestId('typing')).toContainText('Bob is typing')
  await bob.getByLabel(/^Message to/).fill('')
  await expect(ann.getByTestId('typing')).toHaveAttribute('data-active', 'false')

  await expect(ann.getByTestId('person')).toHaveAttribute('data-status', 'online')
  await bob.getByLabel('My status').selectOption('busy')
  await expect(ann.getByTestId('person')).toHaveAttribute('data-status', 'busy')
  await bob.getByRole('button', { name: 'Sign out' }).click()
  await expect(bob.getByLabel('Your name')).toBeVisible()
  await expect(ann.getByTestId('person')).toHaveCount(0)
  chat.expectNothingWrong()
})

test('what two people write while the relay is dead is there once for both when it lives again', async ({ world, browser }) => {
  const chat = await Chat.open(world, browser)
  const [ann, bob] = [await chat.visit('Ann'), await chat.visit('Bob')]
  await say(ann, 'Before')
  await expect(message(bob, 'Before')).toHaveCount(1)

  await chat.relay.kill()
  for (const page of [ann, bob]) await untilStatus(page, 'reconnecting')
  await say(ann, 'Ann in the dark')
  await say(ann, 'Ann once more')
  await say(bob, 'Bob in the dark')
  await expect(message(ann, 'Ann in the dark')).toHaveAttribute('data-status', 'sending')
  await expect(ann.getByTestId('queue')).toHaveText('2 waiting')
  // Who looks elsewhere meanwhile finds it again.
  await enter(ann, 'Kitchen')
  await expect(ann.getByTestId('message')).toHaveCount(0)
  await enter(ann, 'General')
  await expect(message(ann, 'Ann once more')).toHaveAttribute('data-status', 'sending')

  await chat.relay.start()
  for (const page of [ann, bob]) await untilStatus(page, 'connected')
  for (const page of [ann, bob]) {
    for (const text of ['Ann in the dark', 'Ann once more', 'Bob in the dark']) await expect(message(page, text)).toHaveCount(1)
  }
  await expect(message(ann, 'Ann once more')).toHaveAttribute('data-status', 'read')
  await expect(message(bob, 'Before')).toHaveCount(1)
  await expect(ann.getByTestId('queue')).toBeHidden()
  chat.expectNothingWrong()
})

test('what is written offline is still there after a reload, and arrives once', async ({ world, browser }) => {
  const chat = await Chat.open(world, browser)
  const [ann, bob] = [await chat.visit('Ann'), await chat.visit('Bob')]
  await chat.relay.kill()
  await untilStatus(ann, 'reconnecting')
  await say(ann, 'First')
  await say(ann, 'Second')
  await expect.poll(() => kept(ann)).toBe(2)
  await ann.reload()
  for (const text of ['First', 'Second']) await expect(message(ann, text)).toHaveAttribute('data-status', 'sending')
  await chat.relay.start()
  await untilStatus(ann, 'connected')
  for (const text of ['First', 'Second']) {
    await expect(message(ann, text)).toHaveAttribute('data-status', 'read')
    for (const page of [ann, bob]) await expect(message(page, text)).toHaveCount(1)
  }
  expect(await bob.getByTestId('message').allInnerTexts()).toEqual([expect.stringContaining('First'), expect.stringContaining('Second')])
  chat.expectNothingWrong()
})

test('a nudge reaches one person alone: as a toast, in the bell, and as a way to the conversation', async ({ world, browser }) => {
  const chat = await Chat.open(world, browser)
  const [ann, bob, cy] = [await chat.visit('Ann'), await chat.visit('Bob'), await chat.visit('Cy')]
  await enter(ann, 'Launch')
  await ann.getByRole('button', { name: 'Nudge Bob' }).click()
  await expect(bob.getByTestId('toast')).toHaveText('Ann wants you in Launch')
  await expect(ann.getByText('Bob was told.')).toBeVisible()
  await expect(bob.getByTestId('bell')).toContainText('1 unread')
  await bob.getByTestId('bell').click()
  await expect(bob.getByTestId('bell')).not.toContainText('unread')
  await bob.getByTestId('notification').getByRole('link').click()
  await expect(bob.getByRole('heading', { level: 1 })).toHaveText('Launch')
  await expect(cy.getByTestId('bell')).not.toContainText('unread')

  await chat.relay.kill()
  await ann.getByRole('button', { name: 'Nudge Bob' }).click()
  await expect(ann.getByText('Bob could not be told just now.')).toBeVisible()
  chat.expectNothingWrong()
})

test('without a session there is no token, no nudge and no name that stands for others', async ({ world, browser, request }) => {
  const chat = await Chat.open(world, browser)
  expect((await request.get(`${chat.address}/api/realtime-token`)).status()).toBe(401)
  expect((await request.post(`${chat.address}/api/nudges`, { data: { to: 'bob', conversation: 'general' } })).status()).toBe(401)
  const cookie = { cookie: `session=${encodeURIComponent('b*')}` }
  expect((await request.get(`${chat.address}/api/realtime-token`, { headers: cookie })).status()).toBe(401)
  const ann = { cookie: 'session=Ann' }
  const answer = await request.get(`${chat.address}/api/realtime-token`, { headers: ann })
  const claims = JSON.parse(Buffer.from((await answer.text()).split('.')[1] ?? '', 'base64url').toString())
  expect(claims).toMatchObject({ sub: 'ann', channels: expect.arrayContaining(['user:ann']) })
  expect(claims.channels.join()).not.toContain('*')
  for (const data of [{ to: '*', conversation: 'general' }, { to: 'bob', conversation: 'elsewhere' }, 'no json', { to: 'bob', filling: 'x'.repeat(2_000) }]) {
    expect((await request.post(`${chat.address}/api/nudges`, { headers: ann, data })).status()).toBe(400)
  }
})
