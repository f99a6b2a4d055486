/** The class that stands in the place of `WebSocket`: one end of a line whose other end is in the same process. */
import { closeEvent } from '../websocket/standard.ts'

/** What the other end does. Everything comes in microtasks, in order. */
export interface Peer {
  /** Someone comes; false lets the attempt fail. */
  handleOpen(socket: FakeSocket): boolean
  handleData(socket: FakeSocket, data: unknown): void
  handleClose(socket: FakeSocket): void
  /** Runs in a microtask of its own; the server waits for all of them in `settle`. */
  later(task: () => void): void
}

type Handler = ((event: Event) => unknown) | null

/** A socket as applications have it. {@link createSocketClass} makes the class that they construct. */
export class FakeSocket extends EventTarget {
  readonly url: string
  readonly protocols: readonly string[]
  readonly extensions = ''
  readonly bufferedAmount = 0
  protocol = ''
  readyState: 0 | 1 | 2 | 3 = 0
  binaryType: BinaryType = 'blob'
  onopen: Handler = null
  onmessage: Handler = null
  onerror: Handler = null
  onclose: Handler = null
  readonly #peer: Peer

  constructor(peer: Peer, url: string, protocols: readonly string[]) {
    super()
    this.#peer = peer
    this.url = url
    this.protocols = protocols
    peer.later(() => {
      if (this.readyState !== 0) return
      if (!peer.handleOpen(this)) return this.end(1006, '', true)
      this.protocol = protocols[0] ?? ''
      this.readyState = 1
      this.#fire(new Event('open'))
    })
  }

  send(data: unknown): void {
    if (this.readyState === 0) throw new DOMException('The connection is not open yet.', 'InvalidStateError')
    if (this.readyState !== 1) return
    // A copy, because the sender may use its bytes again.
    const said = ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice() : data
    this.#peer.later(() => this.#peer.handleData(this, said))
  }

  close(code?: number, reason = ''): void {
    if (this.readyState > 1) return
    const opened = this.readyState === 1
    this.readyState = 2
    this.#peer.later(() => {
      this.#peer.handleClose(this)
      this.end(opened ? (code ?? 1005) : 1006, reason, !opened)
    })
  }

  // What the peer does.

  /** A message arrives. */
  deliver(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.readyState !== 1) return
    const text = typeof data === 'string'
    this.#fire(new MessageEvent('message', { data: text ? data : this.binaryType === 'blob' ? new Blob([data]) : data.buffer }))
  }

  /** The line ends. */
  end(code: number, reason = '', failed = false): void {
    if (this.readyState === 3) return
    this.readyState = 3
    if (failed) this.#fire(new Event('error'))
    this.#fire(closeEvent(code, reason, code !== 1006))
  }

  /** A listener that throws harms no other, as in browsers. */
  #fire(event: Event): void {
    this.dispatchEvent(event)
    const handler = this[`on${event.type}` as 'onopen']
    try {
      handler?.call(this, event)
    } catch (error) {
      if (typeof reportError === 'function') reportError(error)
      else console.error(error)
    }
  }
}

/** The class for the global `WebSocket`. */
export function createSocketClass(peer: Peer): typeof FakeSocket {
  class WebSocket extends FakeSocket {
    static readonly CONNECTING = 0
    static readonly OPEN = 1
    static readonly CLOSING = 2
    static readonly CLOSED = 3
    readonly CONNECTING = 0
    readonly OPEN = 1
    readonly CLOSING = 2
    readonly CLOSED = 3
    constructor(url: string | URL, protocols: string | readonly string[] = []) {
      super(peer, new URL(url, globalThis.location?.href).href, typeof protocols === 'string' ? [protocols] : [...protocols])
    }
  }
  return WebSocket as unknown as typeof FakeSocket
}
