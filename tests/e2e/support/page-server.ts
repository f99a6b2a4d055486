// Serves the test page: the built package in a bundle, under the strictest policy that WebAssembly allows.
import { readFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const PAGES = fileURLToPath(new URL('../pages/', import.meta.url))

const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  'connect-src ws://127.0.0.1:*',
  "style-src 'self'",
  "require-trusted-types-for 'script'",
].join('; ')

const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.css': 'text/css' }

export class PageServer {
  readonly #server: http.Server

  private constructor(files: ReadonlyMap<string, string | Uint8Array>) {
    this.#server = http.createServer((request, response) => {
      const path = new URL(request.url ?? '/', 'http://localhost').pathname
      const body = files.get(path)
      if (body === undefined) return void response.writeHead(404).end()
      const type = TYPES[path.slice(path.lastIndexOf('.'))] ?? 'text/html'
      response.writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'content-security-policy': POLICY })
      response.end(body)
    })
  }

  /** Bundles the pages and serves them on a free port of loopback. */
  static async start(): Promise<PageServer> {
    const bundle = await build({
      absWorkingDir: PAGES,
      entryPoints: ['page.ts', 'socket.ts', 'gateway.ts', 'worker.ts'],
      outdir: '/',
      bundle: true,
      format: 'esm',
      target: 'es2022',
      write: false,
      logLevel: 'warning',
    })
    // Split, as applications are: what is imported later is downloaded later.
    const split = await build({
      absWorkingDir: PAGES,
      entryPoints: ['react.tsx', 'react-websocket.tsx', 'ui.tsx'],
      outdir: '/',
      bundle: true,
      splitting: true,
      jsx: 'automatic',
      format: 'esm',
      target: 'es2022',
      write: false,
      logLevel: 'warning',
    })
    const outputs = [...bundle.outputFiles, ...split.outputFiles]
    const files = new Map<string, string | Uint8Array>(outputs.map(({ path, contents }) => [path, contents]))
    for (const name of ['index', 'away', 'socket', 'gateway', 'react', 'react-websocket', 'ui']) files.set(`/${name}.html`, readFileSync(`${PAGES}${name}.html`, 'utf8'))
    const server = new PageServer(files)
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve))
    return server
  }

  /** The address of a page. */
  url(page = 'index'): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${page}.html`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }
}
