// One of the servers in examples/servers, as a user would run it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export class ExampleServer {
  port = 0
  readonly #script: string
  readonly #env: NodeJS.ProcessEnv
  #process: ChildProcess | undefined

  private constructor(name: string, env: NodeJS.ProcessEnv) {
    this.#script = fileURLToPath(new URL(`../../../examples/servers/${name}.mjs`, import.meta.url))
    this.#env = env
  }

  static async start(name: string, env: NodeJS.ProcessEnv = {}): Promise<ExampleServer> {
    const server = new ExampleServer(name, env)
    await server.start()
    return server
  }

  /** Starts it, again on the same port. */
  async start(): Promise<void> {
    const env = { ...process.env, ...this.#env, PORT: String(this.port) }
    const started = spawn(process.execPath, [this.#script], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    this.#process = started
    for await (const line of createInterface({ input: started.stdout })) {
      const port = /^ws:\/\/127\.0\.0\.1:(\d+)$/.exec(line)?.[1]
      if (port) {
        this.port = Number(port)
        return
      }
    }
    throw new Error(`${this.#script} ended and named no address`)
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    const ending = this.#process
    this.#process = undefined
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return
    const gone = once(ending, 'exit')
    ending.kill('SIGKILL')
    await gone
  }
}
