// The real relay as a child process.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const BUILT = fileURLToPath(new URL('../../../target/debug/tautline-relay', import.meta.url))

/** The relay's program: what xtask built, or what `TAUTLINE_RELAY` names. */
export function program(): string {
  const path = process.env.TAUTLINE_RELAY ?? BUILT
  if (existsSync(path)) return path
  throw new Error(`no relay at ${path}: run \`cargo build -p tautline-relay\`, or set TAUTLINE_RELAY`)
}

export class Relay {
  /** Where it listens: the same port after a restart. */
  port = 0
  readonly #arguments: readonly string[]
  #child: ChildProcess | undefined
  #said = ''

  private constructor(args: readonly string[]) {
    this.#arguments = args
  }

  static async start(...args: string[]): Promise<Relay> {
    const relay = new Relay(args)
    await relay.start()
    return relay
  }

  get http(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Starts it (again) and waits until it says where it listens. */
  async start(): Promise<void> {
    const child = spawn(program(), ['--listen', `127.0.0.1:${this.port}`, ...this.#arguments], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    this.#said = ''
    const listening = deferred<number>()
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.#said += `${line}\n`
        const port = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1]
        if (port) listening.resolve(Number(port))
      })
    }
    child.on('error', listening.reject)
    child.on('exit', (code, signal) => {
      listening.reject(new Error(`the relay ended (${code ?? signal}) and said:\n${this.#said}`))
    })
    this.port = await listening.promise
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Asks it to end, as an operator or an orchestrator does. Resolves when it is gone. */
  async terminate(): Promise<void> {
    await this.#end('SIGTERM')
  }

  /** What it printed since its start. */
  get said(): string {
    return this.#said
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
  }
}

// Promise.withResolvers needs Node 22.
function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (reason: unknown) => void } {
  let resolve!: (value: T) => void
  let reject!: (reason: unknown) => void
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  // An exit after the start is no news to anyone.
  promise.catch(() => {})
  return { promise, resolve, reject }
}
