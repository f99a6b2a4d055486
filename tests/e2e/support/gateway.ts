// The scripted gateway of tests/gateway, as a program of its own.
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('../../gateway/main.mjs', import.meta.url))

/** What a client sent or the gateway did: tests/gateway/gateway.mjs has it in full. */
export interface Entry {
  readonly at: number
  readonly connection: number
  readonly kind: string
  readonly name?: string
  readonly t?: string
  readonly d?: Record<string, unknown>
  readonly query?: Record<string, string>
  readonly code?: number
}

export class ScriptedGateway {
  url = ''
  #control = ''
  readonly #process: ChildProcess

  private constructor(options: object) {
    this.#process = spawn(process.execPath, [PROGRAM, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit'] })
  }

  static async start(options: object): Promise<ScriptedGateway> {
    const gateway = new ScriptedGateway(options)
    for await (const line of createInterface({ input: gateway.#process.stdout as NodeJS.ReadableStream })) {
      const { url, control } = JSON.parse(line) as { url: string; control: string }
      gateway.url = url
      gateway.#control = control
      return gateway
    }
    throw new Error(`${PROGRAM} ended and named no address`)
  }

  /** Rules for what is to come. */
  on(...rules: object[]): Promise<unknown> {
    return this.#post('on', rules)
  }

  /** What the gateway does now, on the connection that came last. */
  do(...actions: object[]): Promise<unknown> {
    return this.#post('do', { actions })
  }

  publish(t: string, d: unknown, guild: string | null = null): Promise<unknown> {
    return this.#post('publish', { guild, t, d })
  }

  until(wanted: Partial<Entry>, times = 1): Promise<Entry> {
    return this.#post('until', { wanted, times, timeoutMs: 30_000 }) as Promise<Entry>
  }

  async log(kind: string, name?: string): Promise<Entry[]> {
    const log = (await this.#post('log', {})) as Entry[]
    return log.filter((entry) => entry.kind === kind && (name === undefined || entry.name === name))
  }

  async info(): Promise<object> {
    return ((await this.#post('state', {})) as { info: object }).info
  }

  async close(): Promise<void> {
    this.#process.kill()
  }

  async #post(command: string, body: unknown): Promise<unknown> {
    const response = await fetch(`${this.#control}/${command}`, { method: 'POST', body: JSON.stringify(body) })
    const answer: unknown = await response.json()
    if (!response.ok) throw new Error(String(answer))
    return answer
  }
}
