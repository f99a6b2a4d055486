/** A WebSocket class whose sockets do what a test tells them, and a TautlineSocket on it with the real core. */
import { vi } from 'vitest'
import { TautlineSocket, type TautlineSocketOptions } from '../src/websocket/index.ts'

export class ScriptedSocket extends EventTarget {
  static all: ScriptedSocket[] = []
  static get last(): ScriptedSocket {
    return ScriptedSocket.all.at(-1) as ScriptedSocket
  }
  readonly url: string
  readonly protocols: readonly string[]
  readonly sent: unknown[] = []
  readonly closes: unknown[][] = []
  protocol = ''
  extensions = ''
  binaryType = 'blob'
  bufferedAmount = 0
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: object) => void) | null = null

  constructor(url: string, protocols?: readonly string[]) {
    super()
    this.url = url
    this.protocols = protocols ?? []
    ScriptedSocket.all.push(this)
  }
  send(data: unknown): void {
    this.sent.push(data)
  }
  close(...given: unknown[]): void {
    this.closes.push(given)
  }

  opens(): void {
    this.protocol = this.protocols[0] ?? ''
    this.onopen?.()
  }
  says(data: unknown): void {
    this.onmessage?.({ data })
  }
  fails(): void {
    this.dispatchEvent(new Event('error'))
    this.ends(1006)
  }
  ends(code: number, reason = '', wasClean: boolean = code !== 1006): void {
    const event = { code, reason, wasClean }
    this.dispatchEvent(Object.assign(new Event('close'), event))
    this.onclose?.(event)
  }
}

/** Lets the functions for URL and subprotocols answer. */
export async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0)
}

/** A socket that was just made, and the record of its events. */
export async function open(options: TautlineSocketOptions = {}, url: ConstructorParameters<typeof TautlineSocket>[0] = 'ws://x/'): Promise<{ socket: TautlineSocket; events: string[] }> {
  const socket = new TautlineSocket(url, [], { WebSocket: ScriptedSocket, ...options })
  const events: string[] = []
  for (const type of ['open', 'message', 'error', 'close', 'drop'] as const) {
    socket.addEventListener(type, (event: Event) => {
      const { code, reason, data } = event as CloseEvent & MessageEvent
      events.push([type, code, reason, data].filter((part) => part !== undefined && part !== '').join(' '))
    })
  }
  await settle()
  return { socket, events }
}

/** A socket whose first connection is open. */
export async function connected(options: TautlineSocketOptions = {}): Promise<{ socket: TautlineSocket; events: string[] }> {
  const made = await open(options)
  ScriptedSocket.last.opens()
  made.events.length = 0
  return made
}

/** Waits as long as a wait between attempts can be. */
export async function retry(): Promise<void> {
  const before = ScriptedSocket.all.length
  for (let waited = 0; waited < 20_000 && ScriptedSocket.all.length === before; waited += 100) await vi.advanceTimersByTimeAsync(100)
}
