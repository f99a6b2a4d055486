// A server for y-websocket: one document, kept in step by the protocol of y-protocols.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { type WebSocket, WebSocketServer } from 'ws'
import * as sync from 'y-protocols/sync'
import * as Y from 'yjs'

const SYNC = 0

export class YjsServer {
  readonly doc = new Y.Doc()
  readonly #sockets = new WebSocketServer({ host: '127.0.0.1', port: 0 })

  static async start(): Promise<YjsServer> {
    const server = new YjsServer()
    server.#sockets.on('connection', (client) => server.#accept(client))
    server.doc.on('update', (update: Uint8Array, origin: unknown) => {
      for (const client of server.#sockets.clients) {
        if (client !== origin) client.send(message((encoder) => sync.writeUpdate(encoder, update)))
      }
    })
    await once(server.#sockets, 'listening')
    return server
  }

  get port(): number {
    return (this.#sockets.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    for (const client of this.#sockets.clients) client.terminate()
    await new Promise<void>((resolve) => this.#sockets.close(() => resolve()))
  }

  #accept(client: WebSocket): void {
    client.on('error', () => {})
    client.on('message', (data: Buffer) => {
      const decoder = decoding.createDecoder(new Uint8Array(data))
      if (decoding.readVarUint(decoder) !== SYNC) return
      const answer = encoding.createEncoder()
      encoding.writeVarUint(answer, SYNC)
      sync.readSyncMessage(decoder, answer, this.doc, client)
      if (encoding.length(answer) > 1) client.send(encoding.toUint8Array(answer))
    })
    client.send(message((encoder) => sync.writeSyncStep1(encoder, this.doc)))
  }
}

function message(write: (encoder: encoding.Encoder) => void): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, SYNC)
  write(encoder)
  return encoding.toUint8Array(encoder)
}
