// A page in a browser that talks to a relay, and the servers it takes.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import http from 'node:http'
import { extname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { isDeepStrictEqual } from 'node:util'
import { chromium } from 'playwright-core'
import puppeteer from 'puppeteer-core'
import { expect } from './support.mjs'

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm' }
const ARGS = ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync']

/** Playwright drives its own build of Firefox alone; Puppeteer drives the one that people have. */
const BROWSERS = {
  chromium: () => chromium.launch({ executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium', args: ARGS }),
  firefox: () => puppeteer.launch({ browser: 'firefox', executablePath: process.env.FIREFOX_PATH ?? '/usr/bin/firefox' }),
}

/** Makes `talk`, whose relay and browsers start with the first page and end with everything else. */
export function talker({ repository, endings }) {
  let relay
  const browsers = {}
  /** Opens a page and waits until it heard its own greeting from the relay, or from another server. */
  return async (address, { server, settings, browser = 'chromium' } = {}) => {
    relay ??= await listen(process.env.TAUTLINE_RELAY ?? join(repository, 'target/debug/tautline-relay'), ['--open', '--listen', '127.0.0.1:0'], { endings })
    const url = server?.address ?? `${relay.address.replace('http', 'ws')}/ws`
    if (!browsers[browser]) {
      const launched = await BROWSERS[browser]()
      endings.push(() => launched.close())
      browsers[browser] = launched
    }
    const page = await browsers[browser].newPage()
    const said = []
    page.on('console', (message) => said.push(message.text()))
    page.on('pageerror', (error) => said.push(String(error)))
    try {
      // A server that compiles at the first visit takes its time.
      await page.goto(`${address}/?relay=${url}`, { timeout: 120_000 })
      await page.waitForSelector('[data-heard="hello"]', { state: 'attached', timeout: 30_000 })
      expect((await page.$('[data-alive="false"]')) === null, 'what a provider in the layout holds did not come alive')
      const shown = settings && JSON.parse(await page.$eval('[data-settings]', (element) => element.dataset.settings))
      if (settings) expect(isDeepStrictEqual(shown, settings), `the page has other settings: ${JSON.stringify(shown)}`)
    } catch (error) {
      throw new Error(`${error}\nthe page said: ${said.join('\n')}`)
    } finally {
      await page.close()
    }
  }
}

/** Starts a server and waits for the address that it prints. */
export async function listen(program, args, { cwd, env, endings }) {
  expect(existsSync(program), `expected a program at ${program}; run \`cargo build -p tautline-relay\`, or set TAUTLINE_RELAY`)
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const gone = new Promise((resolve) => child.on('exit', resolve))
  const end = async () => {
    child.kill()
    await gone
  }
  endings.push(end)
  let output = ''
  const address = await new Promise((resolve, reject) => {
    child.on('exit', (code) => reject(new Error(`${program} ended with ${code}:\n${output}`)))
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        output += `${line}\n`
        const found = /(?:http|ws):\/\/127\.0\.0\.1:[1-9]\d*/.exec(line)?.[0]
        if (found) resolve(found)
      })
    }
  })
  return { address, end }
}

/** Serves a folder as a careful host would; `scripts` are allowed besides those of its own. */
export async function serve(folder, extra, endings, scripts = '') {
  const policy = `default-src 'none'; script-src 'self' 'wasm-unsafe-eval' ${scripts}; connect-src ws://127.0.0.1:*`
  const server = http.createServer((request, response) => {
    const path = new URL(request.url, 'http://localhost').pathname
    const file = join(folder, path === '/' ? 'index.html' : path)
    const body = extra[path] ?? (existsSync(file) ? readFileSync(file) : undefined)
    if (body === undefined) return response.writeHead(404).end()
    const type = path === '/' ? 'text/html' : path.endsWith('.ts') ? 'text/javascript' : TYPES[extname(path)]
    response.writeHead(200, { 'content-type': type ?? 'application/octet-stream', 'content-security-policy': policy }).end(body)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  endings.push(() => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))))
  return `http://127.0.0.1:${server.address().port}`
}
