// A TCP proxy that fails on demand, as networks do. It knows nothing of WebSockets.
import net from 'node:net'

/** What happens to the bytes. */
export type Mode =
  /** They go through. */
  | 'pass'
  /** They vanish, in both directions, and nobody is told. */
  | 'blackhole'
  /** What the server says vanishes; what the client says goes through. */
  | 'deafen'
  /** New connections are reset at once. */
  | 'refuse'

interface Pair {
  readonly client: net.Socket
  readonly server: net.Socket
}

export class FaultProxy {
  mode: Mode = 'pass'
  /** Every chunk waits this long, in milliseconds. */
  latencyMs = 0
  /** Chunks are cut into pieces of 1 to this many bytes; 0 leaves them whole. */
  chunk = 0
  /** How many connections were ever asked for. */
  accepted = 0
  /** Bytes that vanished in a black hole. */
  swallowed = 0

  readonly #pairs = new Set<Pair>()
  readonly #server: net.Server
  readonly #target: () => number
  readonly #timers = new Set<NodeJS.Timeout>()

  private constructor(target: () => number) {
    this.#target = target
    this.#server = net.createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#accept(client))
  }

  /** Listens on a free port of loopback and forwards to `target`, asked anew for every connection. */
  static async open(target: () => number): Promise<FaultProxy> {
    const proxy = new FaultProxy(target)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get port(): number {
    return (this.#server.address() as net.AddressInfo).port
  }

  /** How many connections are open through it. */
  get connections(): number {
    return this.#pairs.size
  }

  /** Cuts every connection as a crash does: RST to both sides. */
  reset(): void {
    for (const { client, server } of this.#pairs) {
      client.resetAndDestroy()
      server.resetAndDestroy()
    }
  }

  /** Ends every connection politely at the TCP level: FIN, and no WebSocket close frame. */
  finish(): void {
    for (const { client, server } of this.#pairs) {
      client.end()
      server.end()
    }
  }

  /** Every `everyMs`: nothing gets through for `silentMs`, then all connections are reset. Returns what stops it. */
  torment(everyMs: number, silentMs: number): () => void {
    const round = setInterval(() => {
      this.mode = 'blackhole'
      this.#later(silentMs, () => {
        this.reset()
        this.mode = 'pass'
      })
    }, everyMs)
    this.#timers.add(round)
    return () => clearInterval(round)
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer)
    for (const { client, server } of this.#pairs) {
      client.destroy()
      server.destroy()
    }
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #accept(client: net.Socket): void {
    this.accepted += 1
    // A reset is what these tests are about; it is no failure of theirs.
    client.on('error', () => {})
    if (this.mode === 'refuse') return void client.resetAndDestroy()
    const server = net.connect({ port: this.#target(), host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    const pair = { client, server }
    this.#pairs.add(pair)
    const end = (): void => {
      this.#pairs.delete(pair)
      client.destroy()
      server.destroy()
    }
    server.on('error', end)
    for (const socket of [client, server]) socket.on('close', end)
    this.#pipe(client, server, false)
    this.#pipe(server, client, true)
  }

  #pipe(from: net.Socket, to: net.Socket, answers: boolean): void {
    from.on('data', (data) => {
      if (this.mode === 'blackhole' || (this.mode === 'deafen' && answers)) {
        this.swallowed += data.length
        return
      }
      for (const piece of this.#split(data)) {
        if (this.latencyMs > 0) this.#later(this.latencyMs, () => write(to, piece))
        else write(to, piece)
      }
    })
    from.on('end', () => {
      if (this.mode !== 'blackhole') to.end()
    })
  }

  *#split(data: Buffer): Generator<Buffer> {
    let start = 0
    for (let size = 1; start < data.length; size = (size % this.chunk) + 1) {
      const end = this.chunk > 0 ? start + size : data.length
      yield data.subarray(start, end)
      start = end
    }
  }

  #later(ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      action()
    }, ms)
    this.#timers.add(timer)
  }
}

function write(socket: net.Socket, data: Buffer): void {
  if (socket.writable) socket.write(data)
}
