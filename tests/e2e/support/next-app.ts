// examples/next-chat as it is run in production, built before by `cargo xtask test`.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('../../../examples/next-chat', import.meta.url))

export class NextApp {
  readonly address: string
  readonly #process: ChildProcess

  private constructor(address: string, process: ChildProcess) {
    this.address = address
    this.#process = process
  }

  /** Serves it on a free port of loopback. */
  static async start(env: Readonly<Record<string, string>>): Promise<NextApp> {
    const program = `${FOLDER}/node_modules/next/dist/bin/next`
    if (!existsSync(`${FOLDER}/.next/BUILD_ID`)) throw new Error('examples/next-chat is not built: run `cargo xtask test --only examples`')
    const started = spawn(process.execPath, [program, 'start', '--hostname', '127.0.0.1', '--port', '0'], {
      cwd: FOLDER,
      env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    started.stderr.on('data', (data) => (said = `${said}${data}`.slice(-10_000)))
    for await (const line of createInterface({ input: started.stdout })) {
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0]
      if (address) {
        started.stdout.resume()
        return new NextApp(address, started)
      }
    }
    throw new Error(`examples/next-chat ended and named no address:\n${said}`)
  }

  async stop(): Promise<void> {
    const { exitCode, signalCode } = this.#process
    if (exitCode !== null || signalCode !== null) return
    const gone = once(this.#process, 'exit')
    this.#process.kill()
    await gone
  }
}
