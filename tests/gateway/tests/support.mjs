// What the tests share: a gateway that ends with its test, and a bare client that only shows what came.
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { Gateway } from '../gateway.mjs'

export const TOKEN = 'a-token-of-tests'
/** Guilds, messages, content, presences. */
export const INTENTS = 1 | (1 << 9) | (1 << 15)

/**
 * @param {import('node:test').TestContext} context
 * @param {import('../options.mjs').Options} [options]
 */
export async function start(context, options) {
  const gateway = await Gateway.start(options)
  context.after(() => gateway.close())
  return gateway
}

/** Speaks JSON unless told otherwise; knows nothing of the protocol. */
export class Bare {
  /** @type {any[]} */
  got = []
  /** @type {Buffer[]} */
  raw = []
  /** @type {number | undefined} */
  code
  #ws
  /** @type {Set<() => void>} */
  #waiting = new Set()

  /**
   * @param {string} url
   * @param {string} [query]
   * @param {(bytes: Buffer, isBinary: boolean) => any} [decode]
   */
  constructor(url, query = '?v=10&encoding=json', decode = (bytes) => JSON.parse(String(bytes))) {
    this.#ws = new WebSocket(url + query)
    this.#ws.on('error', () => {})
    this.#ws.on('message', (bytes, isBinary) => {
      this.raw.push(/** @type {Buffer} */ (bytes))
      const payload = decode(/** @type {Buffer} */ (bytes), isBinary)
      if (payload !== undefined) this.got.push(payload)
      for (const wake of this.#waiting) wake()
    })
    this.#ws.on('close', (code) => {
      this.code = code
      for (const wake of this.#waiting) wake()
    })
  }

  /** @param {unknown} payload */
  send(payload) {
    this.#ws.send(typeof payload === 'string' || payload instanceof Uint8Array ? payload : JSON.stringify(payload))
  }

  /** @param {object} [fields] */
  identify(fields) {
    this.send({ op: 2, d: { token: TOKEN, properties: { os: 'linux', browser: 'bare', device: 'bare' }, intents: INTENTS, ...fields } })
  }

  /**
   * Waits until this is so.
   * @template Found
   * @param {(bare: this) => Found | undefined | false} look
   * @returns {Promise<Found>}
   */
  async until(look) {
    for (;;) {
      const found = look(this)
      if (found) return found
      if (this.code !== undefined) throw new Error(`expected more, the connection was closed with ${this.code}`)
      await /** @type {Promise<void>} */ (new Promise((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake)
          resolve()
        }
        this.#waiting.add(wake)
      }))
    }
  }

  /** @param {string} t */
  event(t) {
    return this.until(({ got }) => got.find((payload) => payload.t === t))
  }

  /** @param {number} op */
  op(op) {
    return this.until(({ got }) => got.find((payload) => payload.op === op))
  }

  closed() {
    return this.until(({ code }) => code)
  }

  async opened() {
    if (this.#ws.readyState === WebSocket.CONNECTING) await once(this.#ws, 'open')
    return this
  }

  /** @param {number} [code] */
  async close(code) {
    this.#ws.close(code)
    await this.closed()
  }

  terminate() {
    this.#ws.terminate()
  }
}
