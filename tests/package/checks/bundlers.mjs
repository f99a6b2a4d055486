// What bundlers and frameworks make of it, as far as a page that talks to a relay.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { extname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { isDeepStrictEqual } from 'node:util'
import { chromium } from 'playwright-core'
import { bin, expect, run } from '../support.mjs'

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm' }
const ARGS = ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync']
const VARIABLES = {
  NEXT_PUBLIC_USE_DISCORD_CLIENT: 'false',
  NEXT_PUBLIC_WEBSOCKET_HEARTBEAT_INTERVAL: '11111',
  NEXT_PUBLIC_WEBSOCKET_CONNECTION_TIMEOUT: '22222',
  NEXT_PUBLIC_WEBSOCKET_MAX_RECONNECT_ATTEMPTS: '33',
  NEXT_PUBLIC_WEBSOCKET_MESSAGE_QUEUE_SIZE: '44',
}
/** What `resolveEnv` makes of them, and of none in production. */
const INLINED = settingsOf('build', [false, 11_111, 22_222, 33, 44])
const DEFAULTS = settingsOf('default', [true, 30_000, 60_000, 15, 1_000])

export function bundlerChecks({ install, folder: packed, repository, endings }) {
  const folder = (name) => join(install, 'consumers', name)
  const next = (bundler, distDir) => async () => {
    const env = { NEXT_DIST_DIR: distDir }
    // Only the build knows them: what the browser has of them was inlined.
    await run(bin(install, 'next'), ['build', bundler], { cwd: folder('next'), env: { ...env, ...VARIABLES } })
    const server = await listen(bin(install, 'next'), ['start', '--port', '0', '--hostname', '127.0.0.1'], {
      cwd: folder('next'),
      env,
      endings,
    })
    const html = await (await fetch(server.address)).text()
    expect(html.includes('rendered'), `the server did not render the page: ${html}`)
    expect(html.includes('data-status="idle"'), `the server rendered another state than idle: ${html}`)
    await talk(server.address, { settings: INLINED })
    const { token, code } = await (await fetch(`${server.address}/token`)).json()
    expect(/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token), `the edge function made no token: ${token}`)
    expect(code === 'lost/network', `the edge function got another error than lost/network: ${code}`)
    await server.end()
  }

  let relay
  let browser
  /** Opens a page and waits until it heard its own greeting from the relay, or from another server. */
  const talk = async (address, { server, settings } = {}) => {
    relay ??= await listen(process.env.TAUTLINE_RELAY ?? join(repository, 'target/debug/tautline-relay'), ['--open', '--listen', '127.0.0.1:0'], { endings })
    const url = server?.address ?? `${relay.address.replace('http', 'ws')}/ws`
    if (!browser) {
      browser = await chromium.launch({ executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium', args: ARGS })
      endings.push(() => browser.close())
    }
    const page = await browser.newPage()
    const said = []
    page.on('console', (message) => said.push(message.text()))
    page.on('pageerror', (error) => said.push(String(error)))
    await page.goto(`${address}/?relay=${url}`)
    try {
      await page.waitForSelector('[data-heard="hello"]', { state: 'attached', timeout: 30_000 })
      const shown = settings && JSON.parse(await page.getAttribute('[data-settings]', 'data-settings'))
      if (settings) expect(isDeepStrictEqual(shown, settings), `the page has other settings: ${JSON.stringify(shown)}`)
    } catch (error) {
      throw new Error(`${error}\nthe page said: ${said.join('\n')}`)
    } finally {
      await page.close()
    }
  }

  return {
    'TypeScript 5.9 takes its types with a bundler’s resolution and skipLibCheck: false': () =>
      run(bin(install, 'tsc'), ['-p', folder('types')], { cwd: install }),
    'TypeScript 5.9 takes its types with Node’s resolution and skipLibCheck: false': () =>
      run(bin(install, 'tsc'), ['-p', join(folder('types'), 'tsconfig.node.json')], { cwd: install }),
    'Vitest runs a test with it': () => run(bin(install, 'vitest'), ['run', '--root', folder('vitest')], { cwd: install }),
    'Node’s own runner runs a test with its clock': () => run('node', ['--test', join(folder('node'), 'clock.test.mjs')], { cwd: install }),
    'Jest runs tests with it, once it may transform it': () =>
      run(bin(install, 'jest'), ['--rootDir', folder('jest'), '--config', join(folder('jest'), 'jest.config.json')], { cwd: folder('jest') }),
    'Jest runs it without a transform where Node’s own modules are on': () =>
      run(bin(install, 'jest'), ['--rootDir', folder('jest'), '--config', join(folder('jest'), 'native.config.json')], {
        cwd: folder('jest'),
        env: { NODE_OPTIONS: '--experimental-vm-modules' },
      }),
    'esbuild bundles it, and the page talks to a relay under a strict policy': async () => {
      const out = join(install, 'esbuild')
      const args = ['main.ts', '--bundle', '--format=esm', '--minify', '--target=es2022', `--outfile=${join(out, 'main.ts')}`]
      await run(bin(install, 'esbuild'), args, { cwd: folder('vite') })
      const html = readFileSync(join(folder('vite'), 'index.html'))
      await talk(await serve(out, { '/': html }, endings), { settings: DEFAULTS })
    },
    'esbuild bundles tautline/json, and the page talks to a hand-written server under a strict policy': async () => {
      const out = join(install, 'esbuild-json')
      const args = ['json.ts', '--bundle', '--format=esm', '--minify', '--target=es2022', `--outfile=${join(out, 'main.ts')}`]
      await run(bin(install, 'esbuild'), args, { cwd: folder('vite') })
      const html = readFileSync(join(folder('vite'), 'index.html'))
      const server = await listen(process.execPath, [join(repository, 'examples/servers/channels.mjs')], { env: { PORT: '0' }, endings })
      await talk(await serve(out, { '/': html }, endings), { server })
    },
    'Vite builds it, and the page talks to a relay under a strict policy': async () => {
      const output = await run(bin(install, 'vite'), ['build', '--base', './'], { cwd: folder('vite') })
      expect(!/warn/i.test(output), `Vite warned:\n${output}`)
      await talk(await serve(join(folder('vite'), 'dist'), {}, endings), { settings: DEFAULTS })
    },
    'Next.js builds it with Turbopack, renders it on the server, and the page talks to a relay': next('--turbopack', '.next-turbopack'),
    'Next.js builds it with webpack, renders it on the server, and the page talks to a relay': next('--webpack', '.next-webpack'),
    'a bundle that uses only the error class leaves the core out': async () => {
      const outfile = join(install, 'esbuild/small.js')
      const entry = join(install, 'small.mjs')
      writeFileSync(entry, "import { isTautlineError } from 'tautline'\nconsole.log(isTautlineError(null))\n")
      await run(bin(install, 'esbuild'), [entry, '--bundle', '--format=esm', '--minify', `--outfile=${outfile}`], { cwd: install })
      const size = statSync(outfile).size
      // The entry, and the client that it shares with other entries.
      const whole = ['index', 'client'].reduce((sum, name) => sum + statSync(join(packed, `dist/${name}.js`)).size, 0)
      expect(size < whole / 10, `${size} bytes of ${whole} are left`)
    },
  }
}

function settingsOf(from, values) {
  const names = ['useDiscordClient', 'heartbeatIntervalMs', 'connectionTimeoutMs', 'maxReconnectAttempts', 'messageQueueSize']
  return Object.fromEntries(names.map((name, index) => [name, { value: values[index], from }]))
}

/** Starts a server and waits for the address that it prints. */
async function listen(program, args, { cwd, env, endings }) {
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

/** Serves a folder as a careful host would. */
async function serve(folder, extra, endings) {
  const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src ws://127.0.0.1:*"
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
