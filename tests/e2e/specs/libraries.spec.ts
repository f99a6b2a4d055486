// Libraries that take a WebSocket class, on TautlineSocket, with a bad network in between.
import type { Page } from '@playwright/test'
import { createClient } from 'graphql-ws'
import { TautlineSocket } from 'tautline/websocket'
import WebSocket from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import type { SocketOrder } from '../pages/socket.ts'
import type { FaultProxy } from '../support/fault-proxy.ts'
import { GraphqlServer } from '../support/graphql-server.ts'
import { expect, test, type World } from '../support/world.ts'
import { YjsServer } from '../support/yjs-server.ts'

/** Both libraries make a new socket after each `close`. */
const OPTIONS: SocketOrder = { reconnect: 'until-open', minReconnectionDelay: 20, maxReconnectionDelay: 100 }

async function open(world: World): Promise<Page> {
  const page = await world.context.newPage()
  await page.goto(world.pages.url('socket'))
  await expect.poll(() => page.evaluate(() => typeof socketLab), 'the page is loaded').toBe('object')
  return page
}

async function graphql(world: World): Promise<{ server: GraphqlServer; proxy: FaultProxy; url: string }> {
  const server = await GraphqlServer.start()
  world.keep(() => server.close())
  const proxy = await world.proxy(server)
  return { server, proxy, url: `ws://127.0.0.1:${proxy.port}/graphql` }
}

async function yjs(world: World): Promise<{ server: YjsServer; proxy: FaultProxy; url: string }> {
  const server = await YjsServer.start()
  world.keep(() => server.close())
  const proxy = await world.proxy(server)
  return { server, proxy, url: `ws://127.0.0.1:${proxy.port}` }
}

/** Resets, and an outage that many attempts meet with a refusal. */
async function torment(proxy: FaultProxy, grows: () => Promise<void>): Promise<void> {
  await grows()
  proxy.reset()
  await grows()
  proxy.finish()
  await grows()
  proxy.mode = 'refuse'
  const before = proxy.accepted
  proxy.reset()
  await expect.poll(() => proxy.accepted - before, 'attempts during the outage').toBeGreaterThan(8)
  proxy.mode = 'pass'
  await grows()
}

test('subscriptions of graphql-ws go on in a page, through resets and an outage longer than its own retries', async ({ world }) => {
  const { server, proxy, url } = await graphql(world)
  const page = await open(world)
  await page.evaluate(({ url, options }) => socketLab.subscribe(url, options, 3), { url, options: OPTIONS })
  const last = (): Promise<number> => page.evaluate(() => socketLab.counts.at(-1) ?? -1)
  await torment(proxy, async () => {
    const before = await last()
    await expect.poll(last).toBeGreaterThan(before)
  })
  expect(await page.evaluate(() => socketLab.problems)).toEqual([])
  await expect.poll(() => server.connections, 'one connection, not one for each loss').toBe(1)
})

test('with the browser’s own socket the same outage ends the subscription', async ({ world }) => {
  const { proxy, url } = await graphql(world)
  const page = await open(world)
  await page.evaluate((url) => socketLab.subscribe(url, undefined, 3), url)
  await expect.poll(() => page.evaluate(() => socketLab.counts.length)).toBeGreaterThan(0)
  proxy.mode = 'refuse'
  proxy.reset()
  await expect.poll(() => page.evaluate(() => socketLab.problems.length)).toBe(1)
})

test('a dead line under graphql-ws is noticed by the protocol’s own ping, given as a heartbeat', async ({ world }) => {
  const { proxy, url } = await graphql(world)
  const page = await open(world)
  const heartbeat = { ping: '{"type":"ping"}', pong: '{"type":"pong"}', intervalMs: 200, timeoutMs: 500 }
  await page.evaluate(({ url, options }) => socketLab.subscribe(url, options, 3), { url, options: { ...OPTIONS, heartbeat } })
  const last = (): Promise<number> => page.evaluate(() => socketLab.counts.at(-1) ?? -1)
  await expect.poll(last).toBeGreaterThan(0)
  proxy.mode = 'blackhole'
  await expect.poll(() => proxy.accepted).toBeGreaterThan(1)
  proxy.mode = 'pass'
  const before = await last()
  await expect.poll(last).toBeGreaterThan(before)
  expect(await page.evaluate(() => socketLab.problems)).toEqual([])
})

test('subscriptions of graphql-ws go on in Node, where the package ws makes the connections', async ({ world }) => {
  const { server, proxy, url } = await graphql(world)
  const counts: number[] = []
  const problems: unknown[] = []
  const client = createClient({
    url,
    retryAttempts: 3,
    retryWait: async () => {},
    webSocketImpl: TautlineSocket.with({ ...OPTIONS, WebSocket }),
  })
  world.keep(async () => client.dispose())
  client.subscribe<{ count: number }>(
    { query: 'subscription { count }' },
    { next: ({ data }) => void counts.push(data?.count ?? -1), error: (error) => void problems.push(error), complete: () => {} },
  )
  await torment(proxy, async () => {
    const before = counts.at(-1) ?? -1
    await expect.poll(() => counts.at(-1) ?? -1).toBeGreaterThan(before)
  })
  expect(problems).toEqual([])
  await expect.poll(() => server.connections).toBe(1)
})

test('documents of y-websocket converge between a page, Node and the server, through resets and an outage', async ({ world }) => {
  const { server, proxy, url } = await yjs(world)
  const page = await open(world)
  await page.evaluate(({ url, options }) => socketLab.share(url, options), { url, options: OPTIONS })
  const doc = new Y.Doc()
  const provider = new WebsocketProvider(url, 'room', doc, {
    WebSocketPolyfill: TautlineSocket.with({ ...OPTIONS, WebSocket }) as typeof globalThis.WebSocket,
    disableBc: true,
  })
  world.keep(async () => provider.destroy())
  let round = 0
  await torment(proxy, async () => {
    round += 1
    await page.evaluate((round) => socketLab.doc.getArray('list').push([`page ${round}`]), round)
    doc.getArray('list').push([`node ${round}`])
    const texts = async (): Promise<unknown[]> => [
      await page.evaluate(() => socketLab.doc.getArray('list').toArray()),
      doc.getArray('list').toArray(),
      server.doc.getArray('list').toArray(),
    ]
    await expect.poll(async () => new Set((await texts()).map((text) => JSON.stringify(text))).size, 'all the same').toBe(1)
    expect(doc.getArray('list').length).toBe(round * 2)
  })
})
