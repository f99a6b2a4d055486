// One socket: what goes over it as bytes, and every way in which it can break. Knows no protocol.
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * @typedef {import('./gateway.mjs').Gateway} Gateway
 * @typedef {import('./script.mjs').Action} Action
 * @typedef {{ number: number, door: 'base' | 'resume', url: URL, ws: import('ws').WebSocket, socket: import('node:net').Socket }} Opened
 */

export class Wire {
  /** Counts from 1 in the order in which clients came. */
  number
  /** Which of the two ports it came to. */
  door
  url
  gateway
  /** Whether nothing is read and nothing written any more. */
  muted = false
  /** @type {number | number[] | undefined} */
  split
  /** @type {number | undefined} */
  fragments
  #ws
  #socket
  #ended = false

  /**
   * @param {Gateway} gateway
   * @param {Opened} opened
   */
  constructor(gateway, { number, door, url, ws, socket }) {
    this.gateway = gateway
    this.number = number
    this.door = door
    this.url = url
    this.#ws = ws
    this.#socket = socket
    ws.on('message', (data, isBinary) => {
      if (!this.#ended) this.heard(/** @type {Buffer} */ (data), isBinary)
    })
    ws.on('error', () => {})
    ws.on('close', (code, reason) => {
      const by = this.#ended ? 'server' : 'client'
      this.#ended = true
      gateway.record({ connection: this.number, kind: 'closed', by, code, reason: String(reason) })
      this.gone(code, by)
      gateway.fire(this, 'closed', { code, by })
    })
  }

  get open() {
    return !this.#ended
  }

  /**
   * What a client sent.
   * @param {Buffer} _data
   * @param {boolean} _isBinary
   */
  heard(_data, _isBinary) {}

  /**
   * The socket is closed.
   * @param {number} _code
   * @param {'client' | 'server'} _by
   */
  gone(_code, _by) {}

  /**
   * Sends bytes or text as they are, cut as the script wants it.
   * @param {string | Uint8Array} data
   */
  write(data) {
    if (this.#ended || this.muted) return
    for (const piece of pieces(data, this.split)) {
      if (!this.fragments) {
        this.#ws.send(piece)
        continue
      }
      const bytes = Buffer.from(piece)
      const parts = [...pieces(bytes, Math.ceil(bytes.length / this.fragments))]
      parts.forEach((part, index) => this.#ws.send(part, { binary: typeof piece !== 'string', fin: index === parts.length - 1 }))
    }
  }

  /**
   * Says goodbye, with a code or without.
   * @param {number | null} code
   * @param {string} [reason]
   */
  close(code, reason = '') {
    if (this.#ended) return
    this.#ended = true
    this.gateway.record({ connection: this.number, kind: 'closing', code: code ?? 1005, reason })
    if (code === null) this.#ws.close()
    else this.#ws.close(code, reason)
  }

  /** A reset: the client sees no close frame. */
  reset() {
    this.#ended = true
    this.#socket.resetAndDestroy()
  }

  /** The end of the stream without a close frame. */
  fin() {
    this.#ended = true
    this.#socket.end()
  }

  /** From now on a dead peer: nothing is read, nothing said, no goodbye answered. */
  mute() {
    this.muted = true
    this.#ws.pause()
  }

  unmute() {
    this.muted = false
    this.#ws.resume()
  }

  /** Without any grace, when the gateway itself ends. */
  destroy() {
    this.#ended = true
    this.#ws.terminate()
    this.#socket.destroy()
  }

  /**
   * Carries out one after another what a script says.
   * @param {readonly Action[]} actions
   */
  async run(actions) {
    for (const action of actions) {
      if ('wait' in action) await sleep(action.wait * this.gateway.options.scale)
      else this.act(action)
    }
  }

  /**
   * @param {Action} action
   * @returns {void}
   */
  act(action) {
    if ('text' in action) this.write(action.text)
    else if ('hex' in action) this.write(Buffer.from(action.hex, 'hex'))
    else if ('split' in action) this.split = action.split ?? undefined
    else if ('fragments' in action) this.fragments = action.fragments || undefined
    else if ('close' in action) this.close(action.close, action.reason)
    else if ('reset' in action) this.reset()
    else if ('fin' in action) this.fin()
    else if ('mute' in action) action.mute ? this.mute() : this.unmute()
    else if ('refuse' in action) void this.gateway.refuse(action.refuse, action.door)
    else throw new Error(`expected an action that this dialect knows, got ${JSON.stringify(action)}`)
  }
}

/**
 * Bytes cut into pieces of one size, or of these sizes and the rest. Text stays whole.
 * @template {string | Uint8Array} Data
 * @param {Data} data
 * @param {number | number[] | undefined} split
 * @returns {Generator<Data | Uint8Array>}
 */
function* pieces(data, split) {
  if (typeof data === 'string' || split === undefined) return yield data
  const sizes = typeof split === 'number' ? Array(Math.ceil(data.length / split)).fill(split) : split
  let at = 0
  for (const size of sizes) {
    if (at >= data.length) return
    yield data.subarray(at, (at += size))
  }
  if (at < data.length) yield data.subarray(at)
}
