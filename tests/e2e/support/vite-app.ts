// An application on Vite's development server, in a folder of its own, where a test edits it as somebody who writes it does.
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { createServer, type ViteDevServer } from 'vite'

const PAGES = fileURLToPath(new URL('../pages/', import.meta.url))
const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url))

export class ViteApp {
  readonly address: string
  readonly #folder: string
  readonly #server: ViteDevServer

  private constructor(folder: string, server: ViteDevServer) {
    this.address = server.resolvedUrls?.local[0] ?? ''
    this.#folder = folder
    this.#server = server
  }

  /** Serves a copy of a folder of pages. */
  static async start(name: string): Promise<ViteApp> {
    const folder = mkdtempSync(join(tmpdir(), 'tautline-vite-'))
    cpSync(join(PAGES, name), folder, { recursive: true })
    symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'))
    const server = await createServer({
      root: folder,
      configFile: false,
      cacheDir: join(folder, 'cache'),
      logLevel: 'error',
      plugins: [react()],
      // All at once: what is found later reloads the page.
      optimizeDeps: { include: ['react', 'react-dom/client', 'react/jsx-dev-runtime'] },
      server: { host: '127.0.0.1', port: 0, fs: { allow: [folder, REPOSITORY] } },
    })
    await server.listen()
    return new ViteApp(folder, server)
  }

  /** Serves one of examples/ from where it stands, with its own configuration, beside this relay. */
  static async example(name: string, relay: string): Promise<ViteApp> {
    const folder = mkdtempSync(join(tmpdir(), 'tautline-vite-'))
    // Its configuration reads the environment, as `cargo xtask example` gives it.
    process.env['RELAY_URL'] = relay
    const server = await createServer({ root: join(REPOSITORY, 'examples', name), cacheDir: folder, logLevel: 'error', server: { port: 0 } })
    await server.listen()
    return new ViteApp(folder, server)
  }

  /** Saves a file once, with other texts in the place of these: a watcher may miss the second of two saves in a moment. */
  edit(file: string, changes: Record<string, string>): void {
    const path = join(this.#folder, file)
    let text = readFileSync(path, 'utf8')
    for (const [from, to] of Object.entries(changes)) {
      if (!text.includes(from)) throw new Error(`expected in ${file}: ${from}`)
      text = text.replace(from, to)
    }
    writeFileSync(path, text)
  }

  async stop(): Promise<void> {
    await this.#server.close()
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
