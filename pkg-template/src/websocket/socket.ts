/**
 * The browser's WebSocket interface over the core: arguments, events and `readyState` as the standard has them. When to come
 * back, what is dead and what waits is decided in the core.
 */
import { PARTED, STATE } from '../core.ts'
import { unpack } from '../load.ts'
import { Core, initSync } from '../wasm/raw/core.js'
import { CONNECTED, causes, FAILED, PAGE_HIDDEN, type SocketCore, type SocketCoreHost, type SocketCoreOptions } from './core.ts'
import { dataOf, sizeOf } from './data.ts'
import { type Message, parseSocketOptions, type ProtocolsProvider, type Settings, type TautlineSocketOptions, type UrlProvider } from './options.ts'
import { checkClose, checkProtocols, checkUrl, closeEvent, errorEvent } from './standard.ts'
import { bytes } from '../wasm/raw/bytes.ts'

const CONNECTING = 0
const OPEN = 1
const CLOSING = 2
const CLOSED = 3

/** A message that found no room in the queue. */
export interface DropEvent extends Event {
  /** What was to be sent. */
  readonly data: Message
}

/** Every event, by its name. */
export interface TautlineSocketEventMap extends WebSocketEventMap {
  drop: DropEvent
}

type Handler<Name extends keyof WebSocketEventMap> = ((this: WebSocket, event: WebSocketEventMap[Name]) => unknown) | null

type Hears = (event: Event) => unknown

/** A listener for one event, as the standard takes it. */
type Listener<Name extends keyof TautlineSocketEventMap> =
  | ((this: WebSocket, event: TautlineSocketEventMap[Name]) => unknown)
  | { handleEvent(event: TautlineSocketEventMap[Name]): unknown }

/**
 * A WebSocket that comes back. It has the browser's interface, so whatever takes a `WebSocket` takes it; what is sent while there
 * is no connection waits for the next one.
 *
 * A bare socket has no acknowledgements: what was handed to a connection that dies just then may be lost.
 *
 * @example
 * const socket = new TautlineSocket('wss://example.com/ws')
 * socket.onmessage = ({ data }) => console.log(data)
 * socket.send('waits until there is a connection')
 */
export class TautlineSocket extends EventTarget implements WebSocket {
  static readonly CONNECTING: 0 = CONNECTING
  static readonly OPEN: 1 = OPEN
  static readonly CLOSING: 2 = CLOSING
  static readonly CLOSED: 3 = CLOSED

  readonly #settings: Settings
  readonly #source: UrlProvider
  readonly #protocols: ProtocolsProvider
  readonly #handlers = new Map<string, { heard: Hears; call: Hears }>()
  #core: SocketCore | undefined
  #readyState: 0 | 1 | 2 | 3 = CONNECTING
  #binaryType: BinaryType = 'blob'
  #url = ''
  /** The connection of the present attempt, or the last one. */
  #inner: WebSocket | undefined
  /** Counts attempts, so that a late answer of a function is known as such. */
  #attempt = 0
  /** An attempt or a connection is there whose end was not told. */
  #active = false
  #shouldReconnect: boolean
  /** There was a connection since the first attempt. */
  #opened = false
  /** How the present connection ended, as far as it says itself. */
  #farewell: CloseEvent | undefined
  #failed = false
  #error: unknown

  /**
   * @param url where to: `ws:`, `wss:`, `http:` or `https:`, or relative to the page; or a function, asked for each attempt
   * @param protocols subprotocols to offer; or a function, asked for each attempt
   * @param options see {@link TautlineSocketOptions}
   * @throws {DOMException} `SyntaxError` for an impossible URL or subprotocol; `NotSupportedError` where there is no `WebSocket`
   * @throws {TypeError} for an impossible option
   */
  constructor(url: UrlProvider, protocols?: ProtocolsProvider, options: TautlineSocketOptions = {}) {
    super()
    this.#settings = parseSocketOptions(options)
    this.#source = url
    this.#protocols = protocols
    if (typeof url !== 'function') this.#url = checkUrl(url)
    if (typeof protocols !== 'function') checkProtocols(protocols)
    const { startClosed } = this.#settings
    this.#shouldReconnect = !startClosed
    if (startClosed) this.#readyState = CLOSED
    else this.#ready().connect()
  }

  /**
   * This class with options, for libraries that take a class and give only the first two arguments.
   *
   * @example
   * createClient({ url, webSocketImpl: TautlineSocket.with({ reconnect: 'until-open' }) })
   */
  static with(options: TautlineSocketOptions): typeof TautlineSocket {
    return class extends this {
      constructor(url: UrlProvider, protocols?: ProtocolsProvider, more?: TautlineSocketOptions) {
        super(url, protocols, { ...options, ...more })
      }
    }
  }

  get CONNECTING(): 0 {
    return CONNECTING
  }
  get OPEN(): 1 {
    return OPEN
  }
  get CLOSING(): 2 {
    return CLOSING
  }
  get CLOSED(): 3 {
    return CLOSED
  }

  /** `CLOSED` also while it waits for the next attempt, and `CONNECTING` during one. */
  get readyState(): 0 | 1 | 2 | 3 {
    return this.#readyState
  }
  /** The URL of the latest attempt; empty until a function gave one. */
  get url(): string {
    return this.#url
  }
  /** The subprotocol that the server chose. */
  get protocol(): string {
    return this.#inner?.protocol ?? ''
  }
  /** The extensions that the server chose. */
  get extensions(): string {
    return this.#inner?.extensions ?? ''
  }
  /** Bytes that did not leave yet, waiting or in the connection's own buffer. */
  get bufferedAmount(): number {
    return this.#core?.buffered ?? 0
  }
  /** What bytes arrive as. Default `'blob'`. */
  get binaryType(): BinaryType {
    return this.#binaryType
  }
  set binaryType(type: BinaryType) {
    if (type === 'blob' || type === 'arraybuffer') this.#binaryType = type
  }
  /** How many attempts followed the first one, or the last connection that held for `minUptime`. */
  get retryCount(): number {
    return this.#core?.attempt ?? 0
  }
  /** Whether it comes back when a connection ends. */
  get shouldReconnect(): boolean {
    return this.#shouldReconnect
  }

  get onopen(): Handler<'open'> {
    return this.#handler('open')
  }
  set onopen(handler: Handler<'open'>) {
    this.#handle('open', handler)
  }
  get onmessage(): Handler<'message'> {
    return this.#handler('message')
  }
  set onmessage(handler: Handler<'message'>) {
    this.#handle('message', handler)
  }
  get onerror(): Handler<'error'> {
    return this.#handler('error')
  }
  set onerror(handler: Handler<'error'>) {
    this.#handle('error', handler)
  }
  get onclose(): Handler<'close'> {
    return this.#handler('close')
  }
  set onclose(handler: Handler<'close'>) {
    this.#handle('close', handler)
  }

  /**
   * Sends a message; without a connection it waits for one. Returns whether it left at once.
   * When the queue is full it is dropped, and the event `drop` says so.
   */
  send(message: Message): boolean {
    const data = dataOf(message)
    const core = this.#ready()
    if (!core.send(data, sizeOf(data))) {
      this.#log('the queue is full: dropped', message)
      this.dispatchEvent(Object.assign(new Event('drop'), { data: message }))
      return false
    }
    return this.#readyState === OPEN && core.waiting === 0
  }

  /**
   * Ends the connection, or the attempts at one, for good; only `reconnect` begins again. What waits is kept for that.
   *
   * @throws {DOMException} `InvalidAccessError` unless the code is 1000 (the default) or from 3000 to 4999; `SyntaxError` for a
   * reason of more than 123 bytes
   */
  close(code?: number, reason?: string): void {
    checkClose(code, reason)
    const state = this.#readyState
    if (state === CLOSING) return
    this.#shouldReconnect = false
    if (state !== CLOSED) this.#readyState = CLOSING
    this.#log('close', code, reason)
    this.#core?.close(code ?? 1000, reason ?? '')
    // Nothing is there that could say more: an attempt, or in the mode for libraries the wait for one.
    if (state === CONNECTING) {
      this.#failed = true
      this.#active = true
      queueMicrotask(() => this.#end(closeEvent(1006, '', false)))
    }
  }

  /**
   * Ends the connection, if there is one, and connects again at once; the retries count from zero again.
   *
   * @throws {DOMException} as `close`
   */
  reconnect(code?: number, reason?: string): void {
    checkClose(code, reason)
    this.#log('reconnect', code, reason)
    const core = this.#ready()
    this.#shouldReconnect = true
    this.#opened = false
    this.#failed = false
    this.#end(closeEvent(code ?? 1000, reason ?? '', true))
    // A listener may have had enough.
    if (this.#shouldReconnect) core.reconnect(code ?? 1000, reason ?? '')
  }

  /** Takes back what was not sent, in order: for another socket to send. Bytes come back as `Uint8Array`. */
  drainQueuedMessages(): Message[] {
    return this.#core?.drain() ?? []
  }

  /** As the standard's, with `drop` besides. */
  override addEventListener<Name extends keyof TautlineSocketEventMap>(
    type: Name,
    listener: Listener<Name> | null,
    options?: boolean | AddEventListenerOptions,
  ): void
  /** For any other name, as the standard has it. */
  override addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void
  override addEventListener(type: string, listener: unknown, options?: boolean | AddEventListenerOptions): void {
    super.addEventListener(type, listener as EventListener | null, options)
  }

  /** As the standard's, with `drop` besides. */
  override removeEventListener<Name extends keyof TautlineSocketEventMap>(
    type: Name,
    listener: Listener<Name> | null,
    options?: boolean | EventListenerOptions,
  ): void
  /** For any other name, as the standard has it. */
  override removeEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void
  override removeEventListener(type: string, listener: unknown, options?: boolean | EventListenerOptions): void {
    super.removeEventListener(type, listener as EventListener | null, options)
  }

  #ready(): SocketCore {
    this.#core ??= this.#make()
    return this.#core
  }

  #make(): SocketCore {
    const WebSocket = this.#settings.WebSocket ?? globalThis.WebSocket
    if (typeof WebSocket !== 'function') {
      throw new DOMException('TautlineSocket: there is no WebSocket here. Give the option `WebSocket`, such as that of the package ws.', 'NotSupportedError')
    }
    const host: SocketCoreHost = {
      hasToken: false,
      endpoint: () => this.#endpoint(),
      open: (url, protocols) => this.#open(WebSocket as typeof globalThis.WebSocket, url, protocols),
      message: (data) => this.#message(data),
      event: (kind, state, cause, retryMs) => this.#event(kind, state, cause, retryMs),
    }
    const [seed = 0] = crypto.getRandomValues(new Uint32Array(1))
    return new (loadCore())({ ...this.#settings.core, seed }, host)
  }

  // From here on the core calls.

  async #endpoint(): Promise<readonly [string, readonly string[]]> {
    const attempt = ++this.#attempt
    this.#active = true
    this.#farewell = undefined
    this.#failed = false
    this.#error = undefined
    this.#readyState = CONNECTING
    this.#log('attempt', this.retryCount)
    try {
      // The functions run in no call of the application's: they may name the socket that is just being made.
      await undefined
      const source = this.#source
      const url = checkUrl(typeof source === 'function' ? await source() : source)
      const protocols = this.#protocols
      return [url, checkProtocols(typeof protocols === 'function' ? await protocols() : protocols)]
    } catch (error) {
      if (attempt === this.#attempt) this.#error = error
      throw error
    }
  }

  #open(WebSocket: typeof globalThis.WebSocket, url: string, protocols: readonly string[]): WebSocket {
    this.#url = url
    this.#log('connect', url, protocols)
    let inner: WebSocket
    try {
      inner = protocols.length > 0 ? new WebSocket(url, [...protocols]) : new WebSocket(url)
    } catch (error) {
      this.#error = error
      throw error
    }
    this.#inner = inner
    const attempt = this.#attempt
    inner.addEventListener('error', (event) => {
      if (attempt !== this.#attempt) return
      this.#failed = true
      this.#error ??= (event as ErrorEvent).error
    })
    // Before the driver's own listener, which tells the core.
    inner.addEventListener('close', (event) => {
      if (attempt === this.#attempt) this.#farewell = event
    })
    return inner
  }

  #message(data: string | ArrayBuffer): void {
    const content = typeof data === 'string' || this.#binaryType === 'arraybuffer' ? data : new Blob([data])
    this.dispatchEvent(new MessageEvent('message', { data: content, origin: new URL(this.#url).origin }))
  }

  #event(kind: number, state: number, cause: number, retryMs: number): void {
    if (kind === PARTED) {
      this.#end(this.#farewellOr(''))
    } else if (kind !== STATE) {
      return
    } else if (state === CONNECTED) {
      this.#opened = true
      this.#readyState = OPEN
      this.#log('open')
      this.dispatchEvent(new Event('open'))
    } else if (this.#active && (state === FAILED || retryMs >= 0 || cause === PAGE_HIDDEN)) {
      this.#lose(causes[cause] ?? '', state === FAILED, retryMs)
    }
  }

  /** An attempt failed, or a connection was lost. */
  #lose(why: string, final: boolean, retryMs: number): void {
    const event = this.#farewellOr(why)
    // A browser fires no `error` for a connection that is cut off, and libraries take one for final.
    this.#failed ||= !this.#farewell && this.#readyState !== OPEN
    const { once, shouldReconnect } = this.#settings
    const given = final || (once && this.#opened) || !shouldReconnect(event)
    if (given) {
      this.#shouldReconnect = false
      // It also ends what watches the page.
      this.#core?.close(1000, '')
    } else if (once) {
      this.#active = false
      this.#log('failed', why, 'next attempt in', retryMs)
      return
    }
    this.#log('lost', why, event.code, given ? 'for good' : `next attempt in ${retryMs}`)
    this.#end(event)
  }

  /** Tells that what was there ended. */
  #end(event: CloseEvent): void {
    if (!this.#active) return
    this.#active = false
    this.#readyState = CLOSED
    if (this.#failed) this.dispatchEvent(errorEvent(this.#error ?? new Error(`The connection failed${event.reason && `: ${event.reason}`}.`)))
    this.dispatchEvent(event)
  }

  #farewellOr(why: string): CloseEvent {
    const { code, reason, wasClean } = this.#farewell ?? { code: 1006, reason: why, wasClean: false }
    return closeEvent(code, String(reason), wasClean)
  }

  #handler<Name extends keyof WebSocketEventMap>(name: Name): Handler<Name> {
    return (this.#handlers.get(name)?.heard as Handler<Name> | undefined) ?? null
  }

  /** As the standard has it: another function takes the place of the last one, and only `null` gives the place up. */
  #handle(name: string, handler: unknown): void {
    const entry = this.#handlers.get(name)
    if (typeof handler !== 'function') {
      this.#handlers.delete(name)
      if (entry) this.removeEventListener(name, entry.call)
    } else if (entry) {
      entry.heard = handler as Hears
    } else {
      const fresh = { heard: handler as Hears, call: (event: Event) => void fresh.heard.call(this, event) }
      this.#handlers.set(name, fresh)
      this.addEventListener(name, fresh.call)
    }
  }

  #log(...said: unknown[]): void {
    this.#settings.log?.('TautlineSocket>', ...said)
  }
}

/** Set once the core is loaded: when that throws, the next call tries again. */
let loaded: object | undefined

function loadCore(): new (options: SocketCoreOptions, host: SocketCoreHost) => SocketCore {
  try {
    loaded ??= initSync(unpack(bytes))
    return Core
  } catch (cause) {
    const message = "TautlineSocket: the WebAssembly core did not start. A Content-Security-Policy needs 'wasm-unsafe-eval' in script-src."
    throw new Error(message, { cause })
  }
}
