// Older and other tools than those of every day, as far as a page that talks to a relay: part of `cargo xtask test --full`.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { listen, serve } from '../page.mjs'
import { bin, expect, run } from '../support.mjs'

const VITES = ['vite-6', 'vite-7', 'vite']
const NODES = ['node', 'node-22', 'node-24']

export function compatibilityChecks({ install, endings, talk }) {
  const folder = (name) => join(install, 'consumers', name)
  const vite = (name) => join(install, 'node_modules', name, 'bin/vite.js')
  // Packages that bring a runtime all call it `node`: each by its own path, and the one that runs this by its name.
  const node = (name) => (name === 'node' ? process.execPath : join(install, 'node_modules', name, 'bin/node'))
  const runtimes = [...NODES.map((name) => [name, node(name), []]), ['bun', bin(install, 'bun'), ['run']], ['deno', bin(install, 'deno'), ['run', '--allow-all']]]

  return {
    ...Object.fromEntries(
      VITES.flatMap((name) => [
        [
          `${label(install, name)} builds it, and the page talks to a relay under a strict policy`,
          async () => {
            const out = join(install, `built-${name}`)
            const args = [vite(name), 'build', '--base', './', '--outDir', out, '--emptyOutDir']
            const output = await run(process.execPath, args, { cwd: folder('vite') })
            expect(!/warn/i.test(output), `it warned:\n${output}`)
            await talk(await serve(out, {}, endings))
          },
        ],
        [
          `${label(install, name)} serves it while one develops, and the page talks to a relay`,
          async () => {
            const args = [vite(name), '--host', '127.0.0.1', '--port', '0']
            const server = await listen(process.execPath, args, { cwd: folder('vite'), env: { NO_COLOR: '1' }, endings })
            await talk(server.address)
            await server.end()
          },
        ],
      ]),
    ),
    ...Object.fromEntries(
      ['turbopack', 'webpack'].flatMap((bundler) => [
        [
          `${label(install, 'next')} serves it with ${bundler} while one develops, and the page talks to a relay`,
          async () => {
            const args = [join(install, 'node_modules/next/dist/bin/next'), 'dev', `--${bundler}`, '--port', '0', '--hostname', '127.0.0.1']
            const server = await listen(process.execPath, args, { cwd: folder('next'), env: { NEXT_DIST_DIR: `.next-dev-${bundler}` }, endings })
            await talk(server.address)
            await server.end()
          },
        ],
      ]),
    ),
    [`${label(install, 'rollup')} bundles it for a service worker, which talks to a relay under a strict policy`]: async () => {
      const out = join(install, 'service-worker')
      const from = folder('service-worker')
      const inputs = ['page.js', 'worker.js'].map((name) => join(from, name))
      const args = [join(install, 'node_modules/rollup/dist/bin/rollup'), ...inputs, '--dir', out, '--format', 'es', '--plugin', 'node-resolve', '--failAfterWarnings']
      await run(process.execPath, args, { cwd: install })
      await talk(await serve(out, { '/': readFileSync(join(from, 'index.html')) }, endings))
    },
    ...Object.fromEntries(
      runtimes.flatMap(([name, program, args]) =>
        ['main.mjs', 'socket.mjs'].map((file) => [
          `${label(install, name)} runs ${file} and is not kept alive by it`,
          () => run(program, [...args, join(folder('node'), file)], { cwd: install }),
        ]),
      ),
    ),
    ...Object.fromEntries(
      NODES.slice(1).map((name) => [
        `${label(install, name)} requires it from CommonJS without a flag`,
        () => run(node(name), [join(folder('node'), 'main.cjs')], { cwd: install }),
      ]),
    ),
  }
}

/** A tool with its version, as the table of docs/compatibility.md names it. */
function label(install, name) {
  const title = { vite: 'Vite', next: 'Next.js', rollup: 'Rollup', node: 'Node', bun: 'Bun', deno: 'Deno' }[name.split('-')[0]]
  if (name === 'node') return `${title} ${process.versions.node}`
  const manifest = join(install, 'node_modules', name, 'package.json')
  expect(existsSync(manifest), `expected ${name} in the installation`)
  return `${title} ${JSON.parse(readFileSync(manifest, 'utf8')).version}`
}
