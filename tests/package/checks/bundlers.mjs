// What bundlers and frameworks make of it, as far as a page that talks to a relay.
import { cpSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { listen, serve } from '../page.mjs'
import { bin, expect, run } from '../support.mjs'

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

export function bundlerChecks({ install, folder: packed, repository, endings, talk }) {
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
    expect(html.includes('data-provided="idle"'), `the provider in a server's layout gave its hooks nothing: ${html}`)
    await talk(server.address, { settings: INLINED })
    const { token, code } = await (await fetch(`${server.address}/token`)).json()
    expect(/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token), `the edge function made no token: ${token}`)
    expect(code === 'lost/network', `the edge function got another error than lost/network: ${code}`)
    await server.end()
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
    'esbuild bundles it, and the page talks to a relay under a strict policy, in Chromium and in Firefox': async () => {
      const out = join(install, 'esbuild')
      const args = ['main.ts', '--bundle', '--format=esm', '--minify', '--target=es2022', `--outfile=${join(out, 'main.ts')}`]
      await run(bin(install, 'esbuild'), args, { cwd: folder('vite') })
      const html = readFileSync(join(folder('vite'), 'index.html'))
      const address = await serve(out, { '/': html }, endings)
      await talk(address, { settings: DEFAULTS })
      await talk(address, { settings: DEFAULTS, browser: 'firefox' })
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
    'Next.js exports it as files, and the page that any host serves talks to a relay': async () => {
      const exported = folder('next-export')
      cpSync(folder('next'), exported, { recursive: true, filter: (path) => !path.includes('.next') })
      // A function needs a server.
      rmSync(join(exported, 'app/token'), { recursive: true })
      await run(bin(install, 'next'), ['build'], { cwd: exported, env: { NEXT_OUTPUT: 'export', ...VARIABLES } })
      const out = join(exported, 'out')
      const html = readFileSync(join(out, 'index.html'), 'utf8')
      expect(html.includes('data-status="idle"') && html.includes('data-provided="idle"'), `the exported page is not rendered: ${html}`)
      // What the page begins with stands in the page itself.
      await talk(await serve(out, {}, endings, "'unsafe-inline'"), { settings: INLINED })
    },
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
