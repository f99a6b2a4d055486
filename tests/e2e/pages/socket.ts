// The page of the tests of `tautline/websocket`.
import { createClient, type Client } from 'graphql-ws'
import { TautlineSocket, type TautlineSocketOptions } from 'tautline/websocket'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { type Line, scripts, type SocketClass } from './socket-scripts.ts'

declare global {
  var socketLab: SocketLab
}

/** What a test hands over: everything but functions, which cannot cross. */
export interface SocketOrder extends Pick<TautlineSocketOptions, 'reconnect' | 'minReconnectionDelay' | 'maxReconnectionDelay'> {
  readonly heartbeat?: { readonly ping: string; readonly pong: string; readonly intervalMs: number; readonly timeoutMs: number }
}

export class SocketLab {
  readonly counts: number[] = []
  readonly problems: string[] = []
  readonly doc: Y.Doc = new Y.Doc()
  readonly events: Line[] = []
  socket!: TautlineSocket
  client: Client | undefined

  /** Runs one script with the browser's class or with ours, as a socket of one connection. */
  run(name: string, ours: boolean, url: string): Promise<Line[]> {
    const Socket = ours ? TautlineSocket.with({ reconnect: 'until-open', maxRetries: 0 }) : WebSocket
    return (scripts[name] as (Socket: SocketClass, url: string) => Promise<Line[]>)(Socket as SocketClass, url)
  }

  /** A socket, and a record of its events. */
  open(url: string, options: SocketOrder = {}): void {
    this.socket = new TautlineSocket(url, [], options)
    for (const type of ['open', 'message', 'error', 'close'] as const) {
      this.socket.addEventListener(type, (event: Event) => {
        const { data, code } = event as MessageEvent & CloseEvent
        this.events.push([type, data ?? code ?? null])
      })
    }
  }

  /** Subscribes to the numbers of a GraphQL server. */
  subscribe(url: string, options: SocketOrder | undefined, retryAttempts: number): void {
    this.client = createClient({
      url,
      retryAttempts,
      retryWait: async () => {},
      ...(options && { webSocketImpl: TautlineSocket.with(options) }),
    })
    this.client.subscribe<{ count: number }>(
      { query: 'subscription { count }' },
      {
        next: ({ data }) => void this.counts.push(data?.count ?? -1),
        error: (error) => void this.problems.push(error instanceof CloseEvent ? `close ${error.code}` : String(error)),
        complete: () => void this.problems.push('complete'),
      },
    )
  }

  /** Keeps the document in step with a server's. */
  share(url: string, options: SocketOrder): void {
    new WebsocketProvider(url, 'room', this.doc, {
      WebSocketPolyfill: TautlineSocket.with(options),
      disableBc: true,
    })
  }
}

globalThis.socketLab = new SocketLab()
