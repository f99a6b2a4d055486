// TautlineSocket in a real browser: the same as the browser's own for one connection, and more than it for many.
import type { Page } from '@playwright/test'
import { scripts } from '../pages/socket-scripts.ts'
import { EchoServer } from '../support/echo-server.ts'
import { expect, test, type World } from '../support/world.ts'

async function open(world: World): Promise<Page> {
  const page = await world.context.newPage()
  await page.goto(world.pages.url('socket'))
  await expect.poll(() => page.evaluate(() => typeof socketLab), 'the page is loaded').toBe('object')
  return page
}

async function echo(world: World): Promise<EchoServer> {
  const server = await EchoServer.start()
  world.keep(() => server.close())
  return server
}

for (const name of Object.keys(scripts)) {
  test(`a script hears from TautlineSocket what it hears from WebSocket: ${name}`, async ({ world }) => {
    const server = await echo(world)
    const page = await open(world)
    const url = `ws://127.0.0.1:${server.port}`
    const [native, ours] = await page.evaluate(
      async ({ name, url }) => [await socketLab.run(name, false, url), await socketLab.run(name, true, url)],
      { name, url },
    )
    expect(native?.length).toBeGreaterThan(1)
    expect(ours).toEqual(native)
  })
}

test('what is sent while the line is down arrives once it is back, in order and once', async ({ world }) => {
  const server = await echo(world)
  const proxy = await world.proxy(server)
  const page = await open(world)
  const said = async (): Promise<unknown> => page.evaluate(() => socketLab.events.filter(([type]) => type === 'open').length)
  await page.evaluate((url) => socketLab.open(url, { minReconnectionDelay: 50 }), `ws://127.0.0.1:${proxy.port}`)
  await expect.poll(said).toBe(1)
  proxy.mode = 'refuse'
  proxy.reset()
  await expect.poll(() => page.evaluate(() => socketLab.socket.readyState)).not.toBe(1)
  await page.evaluate(() => {
    for (let index = 0; index < 100; index++) socketLab.socket.send(`n${index}`)
  })
  expect(await page.evaluate(() => socketLab.socket.bufferedAmount)).toBe(290)
  proxy.mode = 'pass'
  await expect.poll(() => server.heard.length).toBe(100)
  expect(server.heard).toEqual(Array.from({ length: 100 }, (_, index) => `n${index}`))
  await expect.poll(() => page.evaluate(() => socketLab.socket.bufferedAmount)).toBe(0)
})

test('a line that died without a word is noticed by an agreed heartbeat, and only by one', async ({ world }) => {
  const server = await echo(world)
  const proxy = await world.proxy(server)
  const page = await open(world)
  const url = `ws://127.0.0.1:${proxy.port}`
  const heartbeat = { ping: 'ping', pong: 'ping', intervalMs: 200, timeoutMs: 300 }
  await page.evaluate(({ url, heartbeat }) => socketLab.open(url, { minReconnectionDelay: 50, heartbeat }), { url, heartbeat })
  await expect.poll(() => server.heard.length).toBeGreaterThan(1)
  proxy.mode = 'blackhole'
  await expect.poll(() => page.evaluate(() => socketLab.events)).toContainEqual(['close', 1006])
  proxy.mode = 'pass'
  await expect.poll(() => page.evaluate(() => socketLab.socket.readyState)).toBe(1)
  expect(await page.evaluate(() => socketLab.events.filter(([type]) => type === 'message'))).toEqual([])
})
