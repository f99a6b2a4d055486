// A server without a protocol: it says back what it hears, and ends connections as its paths say.
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'

export class EchoServer {
  /** Every text that clients said, in order. */
  readonly heard: string[] = []
  /** How many clients came. */
  connections = 0
  /** Code and reason of clients that went. */
  readonly closed: { code: number; reason: string }[] = []
  readonly #http = http.createServer()
  /** Connections whose handshake is never answered. */
  readonly #mute = new Set<Duplex>()
  readonly #sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has('echo.v1') ? 'echo.v1' : false),
  })

  static async start(): Promise<EchoServer> {
    const server = new EchoServer()
    server.#http.on('upgrade', (request, socket, head) => {
      if (request.url === '/refuse') return void socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n')
      if (request.url === '/mute') return void server.#mute.add(socket)
      server.#sockets.handleUpgrade(request, socket, head, (client) => server.#accept(client, request.url ?? '/'))
    })
    server.#http.listen(0, '127.0.0.1')
    await once(server.#http, 'listening')
    return server
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port
  }

  /** Says the same to everybody. */
  say(text: string): void {
    for (const client of this.#sockets.clients) client.send(text)
  }

  /** Ends every connection without a word. */
  drop(): void {
    for (const client of this.#sockets.clients) client.terminate()
  }

  async close(): Promise<void> {
    this.drop()
    for (const socket of this.#mute) socket.destroy()
    await new Promise<void>((resolve) => this.#http.close(() => resolve()))
  }

  #accept(client: WebSocket, path: string): void {
    this.connections += 1
    client.on('error', () => {})
    client.on('close', (code, reason) => this.closed.push({ code, reason: String(reason) }))
    client.on('message', (data, isBinary) => {
      if (!isBinary) this.heard.push(String(data))
      client.send(data, { binary: isBinary })
      if (path === '/close') client.close(4001, 'asked to')
      if (path === '/plain') client.close()
      if (path === '/cut') client.terminate()
    })
  }
}
