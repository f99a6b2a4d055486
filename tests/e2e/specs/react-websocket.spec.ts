// The hook in a real browser, in StrictMode, on a real server and a line that breaks.
import { EchoServer } from '../support/echo-server.ts'
import { expect, test } from '../support/world.ts'

test('two components share one socket, see every message of a burst, and lose nothing that is written while the line is down', async ({ world }) => {
  const server = await EchoServer.start()
  world.keep(() => server.close())
  const proxy = await world.proxy(server)
  const page = await world.context.newPage()
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text())
  })
  await page.goto(`${world.pages.url('react-websocket')}?url=ws://127.0.0.1:${proxy.port}/`)
  const output = page.locator('output')
  const button = page.locator('button')
  await expect(button).toHaveAttribute('data-open', 'true')
  expect(server.connections).toBe(1)

  const burst = Array.from({ length: 200 }, (_, index) => `m${index}`)
  for (const text of burst) server.say(text)
  await expect(output).toHaveText(burst.join(' '))

  proxy.mode = 'refuse'
  proxy.reset()
  await expect(button).toHaveAttribute('data-open', 'false')
  await button.click()
  proxy.mode = 'pass'
  await expect.poll(() => server.heard).toEqual(['clicked'])
  await expect(output).toHaveText([...burst, 'clicked'].join(' '))
  await expect(output).toHaveAttribute('data-state', '1')
  // Attempts that were refused are the browser's own news.
  expect(problems.filter((text) => !/WebSocket connection to/.test(text))).toEqual([])
})
