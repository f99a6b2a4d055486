// A client and a gateway, brought together for one test.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Gateway } from '../gateway.mjs'

/** A busy machine takes seconds to start a program. */
export const PATIENCE_MS = 60_000

/** One client in a process of its own, so that nothing of it outlives its test. */
export class Client {
  events = []
  errors = ''
  #child
  #waiting = new Set()

  constructor(peer, gateway, how) {
    const program = fileURLToPath(new URL('clients/run.mjs', import.meta.url))
    this.#child = spawn(process.execPath, [program, peer.file, JSON.stringify(gateway), JSON.stringify(how)], { stdio: ['pipe', 'pipe', 'pipe'] })
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.events.push(JSON.parse(line))
      this.#wake()
    })
    this.#child.stderr.on('data', (text) => {
      this.errors += text
      this.#wake()
    })
    this.#child.stdin.on('error', () => {})
  }

  send(payload) {
    this.#child.stdin.write(`${JSON.stringify(payload)}\n`)
  }

  /** Waits for what it shows its user. */
  shown(look) {
    return new Promise((resolve, reject) => {
      const wake = () => {
        const found = look(this.events)
        if (!found) return
        clearTimeout(timer)
        this.#waiting.delete(wake)
        resolve(found)
      }
      const timer = setTimeout(() => reject(new Error(`expected more events, got ${this.events.map(({ t, s }) => `${t}:${s}`).join(' ').slice(-500)}; errors: ${this.errors.slice(0, 500)}`)), PATIENCE_MS)
      this.#waiting.add(wake)
      wake()
    })
  }

  #wake() {
    for (const wake of this.#waiting) wake()
  }

  async stop() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }
}

export async function meet(t, peer, options, how = {}) {
  const gateway = await Gateway.start(options)
  if (peer.helloMs) gateway.on({ on: 'connect', times: 0, instead: true, do: [{ wait: peer.helloMs }, { hello: true }] })
  const client = new Client(peer, { url: gateway.url, api: gateway.api, info: gateway.info }, how)
  t.after(async () => {
    await client.stop()
    await gateway.close()
  })
  return { gateway, client }
}
