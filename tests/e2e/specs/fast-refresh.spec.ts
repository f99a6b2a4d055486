// Vite's development server replaces modules in a living page: what is being written changes, and the conversation goes on.
import type { Page } from '@playwright/test'
import type { Actor } from '../support/actor.ts'
import type { FaultProxy } from '../support/fault-proxy.ts'
import { ViteApp } from '../support/vite-app.ts'
import { expect, test, type World } from '../support/world.ts'

interface Writing {
  readonly app: ViteApp
  readonly page: Page
  readonly proxy: FaultProxy
  /** Somebody else in the room. */
  readonly bob: Actor
  /** The subscriptions that the page asked for and gave up. */
  readonly asked: string[]
}

/** A page with some state, in which something was heard and said. */
async function write(world: World, hash = ''): Promise<Writing> {
  const relay = await world.relay()
  const proxy = await world.proxy(relay)
  const app = await ViteApp.start('fast-refresh')
  world.keep(() => app.stop())
  const bob = await world.actor()
  await bob.join(relay.port, 'room')
  const page = await world.context.newPage()
  const asked: string[] = []
  page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => {
      const { type, channel } = JSON.parse(String(payload)) as Record<string, unknown>
      if (type === 'subscribe' || type === 'unsubscribe') asked.push(`${String(type)} ${String(channel)}`)
    }),
  )
  const url = `ws://127.0.0.1:${proxy.port}/ws`
  await page.goto(`${app.address}?url=${encodeURIComponent(url)}${hash}`)
  await connected(page)
  await page.getByText('0 times').click()
  await bob.send('room', 'message', { text: 'one' })
  await expect(heard(page)).toHaveText(['one'])
  await page.getByText('say').click()
  await expect(chat(page)).toHaveText(['mine sent'])
  // Gone with the page, should it be loaded again.
  await page.evaluate(() => Object.assign(window, { same: true }))
  expect(proxy.accepted).toBe(1)
  return { app, page, proxy, bob, asked }
}

const connected = (page: Page): Promise<void> => expect(page.getByTestId('status')).toHaveText('connected')
const heard = (page: Page) => page.getByTestId('heard').locator('li')
const chat = (page: Page) => page.getByTestId('chat').locator('li')
const loadedOnce = (page: Page): Promise<boolean> => page.evaluate(() => 'same' in window)

test('a component that uses the hooks is edited: its state, its messages and its one connection stay', async ({ world }) => {
  const { app, page, proxy, bob, asked } = await write(world)
  app.edit('Room.tsx', { 'Room one': 'Room two' })
  await expect(page.getByText('Room two')).toBeVisible()
  await bob.send('room', 'message', { text: 'two' })
  await expect(heard(page)).toHaveText(['one', 'two'])
  app.edit('Room.tsx', { '=> [...before, text]': "=> [...before, text + '!']", 'Room two': 'Room three' })
  await expect(page.getByText('Room three')).toBeVisible()
  await bob.send('room', 'message', { text: 'three' })
  await expect(heard(page)).toHaveText(['one', 'two', 'three!'])
  await expect(page.getByText('1 times')).toBeVisible()
  await expect(chat(page)).toHaveText(['mine sent'])
  expect([await loadedOnce(page), proxy.accepted, asked.sort()]).toEqual([true, 1, ['subscribe chat', 'subscribe room']])
})

test('the component that holds the provider is edited: the connection stays; with another hook in it, it is made anew once', async ({ world }) => {
  const { app, page, proxy, bob } = await write(world)
  app.edit('App.tsx', { 'App one': 'App two' })
  await expect(page.getByText('App two')).toBeVisible()
  await bob.send('room', 'message', { text: 'two' })
  await expect(heard(page)).toHaveText(['one', 'two'])
  await expect(page.getByText('1 times')).toBeVisible()
  expect([proxy.accepted, proxy.connections]).toEqual([1, 1])
  // React begins a component anew whose hooks are others.
  app.edit('App.tsx', {
    "import type { ReactElement } from 'react'": "import { type ReactElement, useState } from 'react'",
    'export function App(): ReactElement {': 'export function App(): ReactElement {\n  const [title] = useState("App three")',
    'App two': '{title}',
  })
  await expect(page.getByText('App three')).toBeVisible()
  await connected(page)
  await expect.poll(() => [proxy.accepted, proxy.connections]).toEqual([2, 1])
  await bob.send('room', 'message', { text: 'three' })
  await expect(heard(page)).toHaveText(['three'])
  await expect(chat(page)).toHaveText(['mine sent'])
  expect(await loadedOnce(page)).toBe(true)
})

test('a module with a client at its top is edited: the new client takes the place of the old one, whose connection ends', async ({ world }) => {
  const { app, page, proxy, bob } = await write(world, '#shared')
  app.edit('Shared.tsx', { 'App one': 'App two' })
  await expect(page.getByText('App two')).toBeVisible()
  await expect.poll(() => [proxy.accepted, proxy.connections]).toEqual([2, 1])
  await connected(page)
  await bob.send('room', 'message', { text: 'two' })
  await expect(heard(page)).toHaveText(['one', 'two'])
  await expect(page.getByText('1 times')).toBeVisible()
  await expect(chat(page)).toHaveText(['mine sent'])
  expect([await loadedOnce(page), proxy.accepted]).toEqual([true, 2])
})
