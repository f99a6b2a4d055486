/**
 * Joins everything behind a client: makes the core at the first need, takes what it says to where it belongs, keeps the
 * public state. Not here: listening (source.ts), channels (channel.ts), sends (sends.ts), requests (requests.ts).
 */
import type { ClientChannel } from './channel.ts'
import type { ErrorCode } from './codes.ts'
import * as core from './core.ts'
import { CLOSE, CONNECT, DESTROY } from './core.ts'
import type { Dialect, Verb } from './dialect.ts'
import { Emitter } from './emitter.ts'
import { type ErrorDetails, fromCore, invalid, kindOf, TautlineError } from './error.ts'
import type { Message } from './events.ts'
import type { Identity } from './info.ts'
import type { LifecycleEvents } from './lifecycle.ts'
import { toMessage } from './message.ts'
import type { Settings, Token, TokenReason } from './options.ts'
import type { Changes } from './presence.ts'
import { type RequestOptions, Requests } from './requests.ts'
import type { Outgoing, SendOptions } from './send.ts'
import { Sends, type Target } from './sends.ts'
import type { SourceOwner } from './source.ts'
import { type ConnectionState, IDLE, type StateOf, statuses } from './state.ts'
import { resolveUrl } from './url.ts'

const LOST_PROVIDER = 30
const NOBODY: Identity = { connectionId: undefined, member: undefined, user: undefined, shardId: undefined }

/** Gives the core's class, or throws because it cannot be loaded. */
export type LoadCore = () => core.CoreConstructor

/** What a client runs on. */
export interface Engine {
  readonly settings: Settings
  readonly loadCore: LoadCore
  readonly dialect: Dialect | undefined
  /** Hears who took it over. */
  readonly taken?: (hub: Hub) => void
}

/** One per client. */
export class Hub implements core.CoreHost, SourceOwner {
  readonly lifecycle: Emitter = new Emitter({ listenerError: report })
  readonly channels: Map<string, ClientChannel> = new Map()
  /** There once something needed it. */
  core: core.CoreApi | undefined
  frames: core.Frames | undefined
  state: ConnectionState = IDLE
  identity: Identity = NOBODY
  engine: Engine
  readonly #hear: (event: string, payload: unknown, message: unknown) => void
  /** What has to be done before anything is sent, asked or connected; nothing once it is. */
  prepare: (() => Promise<void>) | undefined
  readonly #routes = new Map<number, ClientChannel>()
  readonly #sends = new Sends(this)
  readonly #requests = new Requests(this)
  /** While it is being done. */
  #preparing: Promise<void> | undefined
  #socket: WebSocket | undefined
  /** `connect` waits for it. */
  #connectsLater = false
  #destroyed = false
  #crash: TautlineError | undefined
  #providerError: unknown

  /** `hear` is told every message of every channel. */
  constructor(engine: Engine, hear: (event: string, payload: unknown, message: unknown) => void) {
    this.engine = engine
    this.#hear = hear
    if (engine.settings.persist) this.prepare = () => this.restore()
  }

  get hasToken(): boolean {
    return this.engine.settings.token !== undefined
  }

  live(verb?: Verb, channel?: string, event?: string, content?: core.Encoded | Blob): void {
    if (this.#destroyed) throw new TautlineError('misuse/destroyed')
    if (verb) this.engine.dialect?.check(verb, channel, event, content)
  }

  /** Lets the core do something, and makes it first if there is none. */
  call<T>(action: (core: core.CoreApi) => T): T {
    this.live()
    if (this.#crash) throw this.#crash
    if (!this.core) {
      const Core = this.#load()
      const [seed = 0] = crypto.getRandomValues(new Uint32Array(1))
      const { settings, dialect } = this.engine
      const session = settings.session ?? randomSession()
      this.core = new Core({ ...settings.core, ...dialect?.core, session, seed }, this)
      for (const channel of this.channels.values()) channel.attach()
    }
    try {
      return action(this.core)
    } catch (cause) {
      this.#crash = new TautlineError('internal/panic', { cause })
      // Nothing goes the short way any more, which does not ask here.
      this.frames = undefined
      this.#fail('internal/panic', cause)
      this.#turn('failed', this.#crash)
      throw this.#crash
    }
  }

  /** The same, if there is a core already. */
  inform(action: (core: core.CoreApi) => void): void {
    if (this.core) this.call(action)
  }

  connect(): void {
    this.live()
    const { url } = this.engine.settings
    if (typeof WebSocket !== 'function') {
      // A server that renders a page has neither, and wants no connection.
      if (typeof document === 'undefined' && !('WorkerGlobalScope' in globalThis)) return
      return this.#turn('failed', new TautlineError('misuse/unsupported', { message: 'There is no WebSocket.' }))
    }
    if (typeof url !== 'function') resolveUrl(url)
    const preparing = this.#prepare()
    if (!preparing) return this.#connect()
    this.#connectsLater = true
    this.#turn('connecting')
    void preparing.then(() => {
      if (this.#connectsLater && !this.#destroyed) this.#connect()
    })
  }

  close(): void {
    if (this.#connectsLater) {
      this.#connectsLater = false
      this.#turn('closed')
    } else this.inform((core) => core.call(CLOSE))
  }

  send(target: Target | undefined, event: string, payload: unknown, options?: SendOptions): Outgoing {
    this.live()
    this.#prepare()
    return this.#sends.send(target ?? NOWHERE, event, payload, options)
  }

  /** What is sent from here on waits for this. */
  hold(until: Promise<void>): void {
    this.#sends.hold(until)
  }

  request(target: Target | undefined, event: string, payload: unknown, options: RequestOptions = {}): Promise<unknown> {
    const ask = (): Promise<unknown> => this.#requests.ask(target ?? NOWHERE, event, payload, options)
    return this.#prepare()?.then(ask) ?? ask()
  }

  destroy(): void {
    if (this.#destroyed) return
    for (const channel of this.channels.values()) channel.clear()
    const { core } = this
    if (core && !this.#crash) {
      this.call((core) => core.call(DESTROY))
      // Later, because this may be called by the core itself.
      queueMicrotask(() => core.free())
    }
    this.#fail('dropped/closed')
    this.#turn('closed')
    this.#destroyed = true
    this.core = undefined
    void this.#sends.store?.close()
    this.lifecycle.clear()
  }

  /** Remembers whose messages have this id. */
  route(id: number, channel: ClientChannel): void {
    this.#routes.set(id, channel)
  }

  /** Tells those who watch the client itself. */
  tell<Name extends keyof LifecycleEvents>(name: Name, event: LifecycleEvents[Name]): void {
    this.lifecycle.emit(name, event)
  }

  /** The message as it may be heard; undefined if `validate` refuses it. */
  check(message: Message): Message | undefined {
    const { validate } = this.engine.settings
    if (!validate) return message
    const { event, payload, channel } = message
    try {
      return { ...message, payload: validate(event, payload) }
    } catch (cause) {
      this.problem(new TautlineError('peer/invalid-payload', { message: `Its event: ${event}.`, cause }), channel)
      return undefined
    }
  }

  listenerError(error: unknown, event: string, channel?: string): void {
    this.tell('listenerError', { error, event, channel })
    report(error)
  }

  problem(error: TautlineError, channel?: string): void {
    this.tell('problem', { error, channel })
  }

  // From here on the core calls.

  url(): Promise<string> {
    return this.#provide(this.engine.settings.url, resolveUrl)
  }

  token(why: TokenReason): Promise<string | undefined> {
    return this.#provide(this.engine.settings.token, tokenOf, why)
  }

  get socket(): WebSocket | undefined {
    return this.#socket
  }

  set socket(socket: WebSocket) {
    this.#socket = socket
    this.tell('socket', socket)
  }

  message(id: number, event: string, payload: unknown, offset: number, flags: number, frame: core.Envelope): void {
    const channel = this.#routes.get(id)
    const message = this.check(toMessage(channel?.name ?? '', event, payload, offset, flags, frame, this.identity.member))
    channel?.passed(offset)
    if (!message) return
    channel?.deliver(event, message.payload, message)
    this.#hear(event, message.payload, message)
  }

  kept(id: number): string | undefined {
    return this.#sends.kept(id)
  }

  event(kind: number, a: number, b: number, c: number, value: unknown): void {
    if (this.#destroyed) return
    const channel = this.#routes.get(a)
    const name = channel?.name ?? ''
    const said = (value ?? {}) as Record<string, unknown>
    switch (kind) {
      case core.STATE:
        return this.#turn(statuses[a] ?? 'failed', b > 0 ? this.#error(b, said) : undefined, c)
      case core.WELCOME: {
        const { connection, member, user, shard } = said as Welcomed
        this.identity = { connectionId: connection, member, user, shardId: shard }
        return this.tell('welcome', { connectionId: connection ?? '', member: member ?? '', user, resumed: a === 1 })
      }
      case core.SUBSCRIBED: {
        const [epoch, offset] = value as [string, number]
        channel?.subscribed(JSON.parse(epoch) as string, offset)
        return this.tell('subscribed', { channel: name, first: b === 2, recovered: b > 0, replaying: c })
      }
      case core.SUBSCRIBE_FAILED: {
        const error = this.#error(b, said)
        channel?.refused(error)
        return this.problem(error, name)
      }
      case core.GAP: {
        const gap = { channel: name, lastOffset: b, nextOffset: c }
        channel?.gap(gap)
        return this.tell('gap', gap)
      }
      case core.SENT:
        return b === 1 ? this.#sends.sent(a) : this.#sends.move(a, 'sent')
      case core.REQUEUED:
        return this.#sends.move(a, 'queued')
      case core.ACKED:
        return this.#sends.acked(a, b, said)
      case core.FAILED:
        return this.#sends.failed(a, this.#error(b, said, c === 1 ? { maybeDelivered: true } : {}))
      case core.REPLY:
        return this.#requests.reply(a, value)
      case core.REQUEST_FAILED:
        return this.#requests.fail(a, this.#error(b, said))
      case core.PRESENCE:
        return channel?.presence.apply(value as Changes)
      case core.TYPING:
        return channel?.typers(value as string[])
      case core.PROBLEM:
        return this.problem(this.#error(b, said, c > 0 ? { closeCode: c } : {}), channel?.name)
      case core.LATENCY:
        return this.tell('latency', { ms: a })
      case core.TOKEN:
        return this.tell('token', { expiresInMs: a < 0 ? undefined : a })
    }
  }

  #load(): core.CoreConstructor {
    try {
      return this.engine.loadCore()
    } catch (cause) {
      throw cause instanceof TautlineError ? cause : new TautlineError('internal/wasm-load', { cause })
    }
  }

  #connect(): void {
    this.#connectsLater = false
    try {
      this.call((core) => core.call(CONNECT))
    } catch (error) {
      this.#turn('failed', error as TautlineError)
    }
  }

  /** At the first need. */
  #prepare(): Promise<void> | undefined {
    const { prepare } = this
    if (!prepare || this.#preparing) return this.#preparing
    const done = (): void => {
      this.#preparing = this.prepare = undefined
    }
    const failed = (cause: unknown): void => {
      // Not remembered: whoever needs the core next tries again.
      this.#preparing = undefined
      this.engine = { ...this.engine, loadCore: () => { throw cause } }
    }
    this.#preparing = prepare().then(done, failed)
    this.#sends.hold(this.#preparing)
    return this.#preparing
  }

  /** Opens the queue on disk, if there is to be one. */
  async restore(): Promise<void> {
    const { persist } = this.engine.settings
    if (!persist || this.#destroyed) return
    const failed = (cause: unknown): void => {
      const message = 'queue.persist needs IndexedDB and Web Locks; the queue lives in memory only.'
      this.problem(new TautlineError('misuse/unsupported', { message, cause }))
    }
    try {
      // Only who keeps messages downloads what keeps them.
      const { Store } = await import('./store.ts')
      const store = await Store.open(persist, randomSession(), failed)
      if (this.#destroyed) return void store.close()
      this.#sends.store = store
      const messages = this.call((core) => store.restore(core, this.#sends))
      if (messages.length > 0) this.tell('restored', { messages })
    } catch (cause) {
      failed(cause)
    }
  }

  /** What an option gives, or the function in its place; what is thrown is kept as the cause of what comes of it. */
  async #provide<T>(source: unknown, read: (given: unknown) => T, why?: TokenReason): Promise<T> {
    try {
      return read(typeof source === 'function' ? await source(why) : source)
    } catch (error) {
      this.#providerError = error
      throw error
    }
  }

  /** Ends everything that waits. */
  #fail(code: ErrorCode, cause?: unknown): void {
    this.#sends.failAll(code, cause)
    this.#requests.failAll(new TautlineError(code, { cause }))
  }

  #error(code: number, said: unknown, more?: ErrorDetails): TautlineError {
    return fromCore(code, said, more, code === LOST_PROVIDER ? this.#providerError : undefined)
  }

  #turn(status: ConnectionState['status'], cause?: TautlineError, retryInMs?: number): void {
    const { state } = this
    if (state.status === status && state.cause?.code === cause?.code && status !== 'reconnecting') return
    const next: StateOf<typeof status> = {
      status,
      since: Date.now(),
      ...(cause && { cause }),
      ...(status === 'reconnecting' && { retryInMs: retryInMs ?? 0 }),
    }
    this.state = Object.freeze(next) as ConnectionState
    if (status !== 'connected') {
      this.identity = { ...this.identity, connectionId: undefined, shardId: undefined }
      for (const channel of this.channels.values()) channel.lineDown()
    }
    this.tell('state', this.state)
  }
}

/** What the core says of a welcome. */
type Welcomed = Partial<Record<'connection' | 'member' | 'user', string>> & { readonly shard?: number }

const NOWHERE: Target = { name: '', id: () => 0 }

function tokenOf(given: unknown): string | undefined {
  if (typeof (given ?? '') !== 'string') invalid('token', 'the function to give a string', kindOf(given))
  return (given as Token) ?? undefined
}

/** 128 random bits. */
function randomSession(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join('-')
}

function report(error: unknown): void {
  if (typeof reportError === 'function') reportError(error)
  else console.error(error)
}
