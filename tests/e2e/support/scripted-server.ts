// A server that says what a test tells it to, right or wrong.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

type Frame = { readonly type: string; readonly [field: string]: unknown }

export class ScriptedServer {
  /** Everything that clients said, in order. */
  readonly heard: Frame[] = []
  /** How many clients came. */
  connections = 0
  /** Close codes of clients that went. */
  readonly closed: number[] = []
  /** What the welcome says beside the usual. */
  welcome: object = {}
  /** What is said instead of the welcome. */
  instead: ((socket: WebSocket) => void) | undefined
  readonly #server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    handleProtocols: (offered) => (offered.has('tautline.v1') ? 'tautline.v1' : false),
  })
  #current: WebSocket | undefined

  static async start(): Promise<ScriptedServer> {
    const server = new ScriptedServer()
    server.#server.on('connection', (socket) => server.#accept(socket))
    await once(server.#server, 'listening')
    return server
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Says something to the client that came last: an object becomes JSON, the rest goes as it is. */
  say(frame: Frame | string | Uint8Array): void {
    this.#current?.send(typeof frame === 'string' || frame instanceof Uint8Array ? frame : JSON.stringify(frame))
  }

  /** Hangs up. */
  hangUp(code: number): void {
    this.#current?.close(code)
  }

  async close(): Promise<void> {
    for (const client of this.#server.clients) client.terminate()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #accept(socket: WebSocket): void {
    this.connections += 1
    this.#current = socket
    socket.on('close', (code) => this.closed.push(code))
    socket.on('message', (data, isBinary) => {
      if (isBinary) return
      const frame = JSON.parse(String(data)) as Frame
      this.heard.push(frame)
      this.#answer(socket, frame)
    })
  }

  #answer(socket: WebSocket, { type, channel }: Frame): void {
    const reply = (frame: Frame): void => socket.send(JSON.stringify(frame))
    if (type === 'ping') reply({ type: 'pong' })
    if (type === 'subscribe') {
      reply({ type: 'subscribed', channel, epoch: 'e', offset: 0, latest: 0, recovered: true })
    }
    if (type !== 'hello') return
    if (this.instead) return this.instead(socket)
    const limits = { frame: 65_536, rate: 100, per: 1000 }
    reply({ type: 'welcome', connection: 'c', member: 'm', resumed: false, heartbeat: 25_000, timeout: 10_000, limits, ...this.welcome })
  }
}

/** The layout of PROTOCOL.md, section 7, with any part of it wrong. */
export function binaryFrame(header: string, payload: Uint8Array, { layout = 1, length = Buffer.byteLength(header) } = {}): Uint8Array {
  return Buffer.concat([Buffer.from([layout, length >> 8, length & 0xff]), Buffer.from(header), payload])
}
