/** All messages of a client that are on their way out: from the call to the outcome. */
import { CANCEL, type CoreApi, type Encoded, type Frames, PUBLISH, PUBLISH_FIRST, PUBLISH_VOLATILE, WAKE } from './core.ts'
import type { ErrorCode } from './codes.ts'
import type { Dialect } from './dialect.ts'
import { fromCore, TautlineError } from './error.ts'
import { quoteEvent } from './name.ts'
import { encode, isBinary, sizeOf } from './payload.ts'
import { type Keeper, Outgoing, type SendOptions, type SendStatus } from './send.ts'
import type { Store } from './store.ts'
import { Unsettled } from './unsettled.ts'

/** What sends need of their client. */
export interface SendsOwner {
  /** Throws what this server cannot be told. */
  live(...what: Parameters<Dialect['check']>): void
  /** Reaches the core. */
  call<T>(action: (core: CoreApi) => T): T
  /** Once something needed it. */
  readonly core?: CoreApi | undefined
  /** Of a core that can go the short way. */
  readonly frames?: Frames | undefined
  listenerError(error: unknown, event: string, channel?: string): void
}

/** Where to: a channel's name and its id in the core, which is 0 for none. */
export interface Target {
  readonly name: string
  id(core: CoreApi): number
}

/** Every unsettled message. */
export class Sends implements Keeper {
  /** Where unsettled messages are kept, if they are. */
  store: Store | undefined
  readonly #owner: SendsOwner
  readonly #quote: (event: unknown) => string
  readonly #measure: (content: Encoded) => number
  readonly #unsettled = new Unsettled()
  /** The newest message; the core gives the next one the number after it, unless somebody came between. */
  #lastId = 0
  /** Ends when every Blob before it was read, and the queue on disk is open. */
  #reading: Promise<void> | undefined
  #ended: ((handle: Outgoing) => void) | undefined

  /** `quote` writes an event as the protocol wants it, `measure` counts as exactly as the server does. */
  constructor(owner: SendsOwner, quote: (event: unknown) => string = quoteEvent, measure: (content: Encoded) => number = sizeOf) {
    this.#owner = owner
    this.#quote = quote
    this.#measure = measure
  }

  /** Hands a message over. Throws what is the caller's mistake; the rest is the handle's outcome. */
  send(target: Target, event: string, payload: unknown, options?: SendOptions & { priority?: boolean | undefined }): Outgoing {
    const quoted = this.#quote(event)
    const said = options || this.#reading ? undefined : this.#post(target, event, quoted, payload)
    if (typeof said === 'object') return said
    const { signal, ttlMs = 0, volatile = false, priority = false } = options ?? {}
    if (!(ttlMs >= 0)) throw new TautlineError('misuse/invalid-argument', { message: '`ttlMs` must be 0 or more.' })
    const verb = volatile ? PUBLISH_VOLATILE : priority ? PUBLISH_FIRST : PUBLISH
    const blob = typeof Blob === 'function' && payload instanceof Blob ? payload : undefined
    const content = blob ? undefined : (said ?? encode(payload))
    this.#owner.live(volatile ? 'signal' : 'send', target.name, event, blob ?? content)
    const handle = new Outgoing(target.name, this)
    if (signal?.aborted) {
      handle.turn('failed', new TautlineError('dropped/cancelled', { cause: signal.reason }))
      return handle
    }
    if (signal) {
      const cancel = (): void => void handle.cancel()
      signal.addEventListener('abort', cancel)
      handle.settledBy = () => signal.removeEventListener('abort', cancel)
    }
    if (!blob && !this.#reading) this.#publish(handle, target, verb, quoted, content, ttlMs)
    else this.#behind(handle, blob, content, (encoded) => this.#publish(handle, target, verb, quoted, encoded, ttlMs))
    return handle
  }

  /** What is sent from here on waits for this, in order. */
  hold(until: Promise<void>): void {
    const turn = Promise.all([this.#reading, until]).then(() => {
      if (this.#reading === turn) this.#reading = undefined
    })
    this.#reading = turn
  }

  /** A message that an earlier page left, and that the core has taken back. */
  restored(id: number, channel: string): Outgoing {
    const handle = new Outgoing(channel, this)
    this.#adopt(id, handle)
    return handle
  }

  /** The core says how far a message is. */
  move(id: number, status: SendStatus): void {
    this.#unsettled.get(id)?.turn(status)
  }

  /** It left, and nobody will say more about it. */
  sent(id: number): void {
    const handle = this.#take(id)
    handle?.turn('sent', { status: 'sent', id, channel: handle.channel, epoch: '', offset: 0, time: Date.now() })
  }

  /** The frame of a message that went the short way. */
  kept(id: number): string | undefined {
    return this.#unsettled.get(id)?.frame
  }

  /** The server has it. */
  acked(id: number, offset: number, { epoch = '', time }: Record<string, unknown>): void {
    const handle = this.#take(id)
    const at = typeof time === 'number' ? time : 0
    handle?.turn('acked', { status: 'acked', id, channel: handle.channel, epoch: String(epoch), offset, time: at })
  }

  /** It will not arrive. */
  failed(id: number, error: TautlineError): void {
    this.#take(id)?.turn('failed', error)
  }

  /** Nothing will arrive any more. */
  failAll(code: ErrorCode, cause?: unknown): void {
    this.#ended = (handle) => {
      const details = handle.attempted ? { maybeDelivered: true } : {}
      handle.turn('failed', new TautlineError(code, { details, cause }))
      this.store?.delete(handle.id)
    }
    for (const handle of this.#unsettled.takeAll()) this.#ended(handle)
  }

  /** Takes a message back, if it still can be. */
  cancel(handle: Outgoing): boolean {
    const { id } = handle
    if (id > 0) return this.#owner.call((core) => core.call(CANCEL, id))
    handle.turn('failed', new TautlineError('dropped/cancelled'))
    return true
  }

  listenerError(error: unknown, event: string, channel?: string): void {
    this.#owner.listenerError(error, event, channel)
  }

  /**
   * The short way, on which only numbers cross: the frame is written before the core hears of it. Returns the handle of what went out;
   * otherwise the payload as JSON, if it is that.
   */
  #post(target: Target, event: string, quoted: string, payload: unknown): Outgoing | string | undefined {
    const { core, frames } = this.#owner
    if (!core?.post || !frames || isBinary(payload)) return undefined
    const id = this.#lastId + 1
    let frame: string
    let size: number
    try {
      frame = frames.frame(id, target.name, event, payload)
      size = frames.size
      if (size <= 0) return undefined
      if (!core.post(id, target.id(core), size)) return frame.slice(-1 - size, -1)
    } catch {
      // The long way comes to the same, and says what it is.
      return undefined
    }
    const handle = new Outgoing(target.name, this)
    handle.frame = frame
    this.#adopt(id, handle)
    frames.post(frame)
    handle.turn('sent')
    if (!handle.settled) this.store?.put(id, target.name, quoted, frame.slice(-1 - size, -1), 0)
    return handle
  }

  /** Keeps the order: a Blob is read first, and whatever comes after it waits. */
  #behind(handle: Outgoing, blob: Blob | undefined, content: Encoded, publish: (encoded: Encoded) => void): void {
    const bytes = blob?.arrayBuffer()
    // It is awaited later than it may fail.
    bytes?.catch(() => {})
    const turn = (this.#reading ?? Promise.resolve()).then(async () => {
      try {
        const encoded = bytes ? new Uint8Array(await bytes) : content
        if (this.#ended) this.#ended(handle)
        else if (!handle.settled) publish(encoded)
      } catch (cause) {
        const error = cause instanceof TautlineError ? cause : new TautlineError('misuse/unserialisable', { message: 'The Blob could not be read.', cause })
        handle.turn('failed', error)
      }
      if (this.#reading === turn) this.#reading = undefined
    })
    this.#reading = turn
  }

  #publish(handle: Outgoing, target: Target, verb: number, event: string, content: Encoded, ttlMs: number): void {
    let id: number
    try {
      id = this.#owner.call((core) => {
        const channel = target.id(core)
        const size = this.#measure(content)
        const id = core.say(verb, channel, event, content, size, ttlMs)
        if (id > 0) this.#adopt(id, handle)
        core.call(WAKE)
        return id
      })
    } catch (cause) {
      return handle.turn('failed', cause as TautlineError)
    }
    if (id < 0) {
      const error = fromCore(-id)
      handle.turn('failed', error)
      if (error.blame === 'misuse') throw error
    } else if (verb !== PUBLISH_VOLATILE && !handle.settled) this.store?.put(id, target.name, event, content, ttlMs)
  }

  #take(id: number): Outgoing | undefined {
    const handle = this.#unsettled.take(id)
    this.store?.delete(id)
    return handle
  }

  #adopt(id: number, handle: Outgoing): void {
    handle.id = this.#lastId = id
    if (this.#ended) this.#ended(handle)
    else this.#unsettled.add(handle)
  }
}
