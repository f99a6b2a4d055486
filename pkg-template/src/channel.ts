/** A channel as applications use it. */
import { type CoreApi, SAY_SIGNAL, SUBSCRIBE, TYPE, UNSUBSCRIBE } from './core.ts'
import { Emitter, type Heard } from './emitter.ts'
import { codes } from './codes.ts'
import { fromCore, TautlineError } from './error.ts'
import type {
  EventMap,
  EventName,
  Listenable,
  ListenOptions,
  MessageOf,
  RegisteredPresence,
  SendArguments,
  Unsubscribe,
} from './events.ts'
import { type HistoryOptions, type HistoryPage, toPage } from './history.ts'
import type { Hub } from './hub.ts'
import type { Gap } from './lifecycle.ts'
import { quoteEvent } from './name.ts'
import { encode, sizeOf } from './payload.ts'
import { ChannelPresence, type Presence } from './presence.ts'
import type { RequestOptions } from './requests.ts'
import type { SendHandle, SendOptions, SignalOptions } from './send.ts'
import { Source } from './source.ts'

/**
 * `idle`: nobody listens. `subscribing`: waits for a connection or for the server's answer. `subscribed`: messages flow.
 * `refused`: the server said no, see {@link Channel.error}.
 */
export type ChannelStatus = 'idle' | 'subscribing' | 'subscribed' | 'refused'

/** A place in a channel's history. */
export interface Position {
  /** Which history: offsets of another one mean nothing here. */
  readonly epoch: string
  /** The last message that is here. */
  readonly offset: number
}

/** Options of {@link Client.channel}. */
export interface ChannelOptions {
  /** Ask for presence together with the messages, so that `presence.members` is filled. Default false. */
  readonly presence?: boolean | undefined
}

/**
 * A channel. It is subscribed for as long as somebody listens to its messages, its typing or its presence, is tracked in its
 * presence, or holds a {@link Channel.subscribe}; and left when the last one ends. A listener that goes and comes back at
 * once, as React's StrictMode does, makes no noise.
 */
export interface Channel<Events extends object> extends Listenable<Events> {
  /** Its name. */
  readonly name: string
  /** The subscription. */
  readonly status: ChannelStatus
  /** Why it was refused, while `status` is `refused`. */
  readonly error: TautlineError | undefined
  /** How far the messages are here; undefined until subscribed. */
  readonly position: Position | undefined
  /** Who is here. */
  readonly presence: Presence<RegisteredPresence>
  /** The member ids of those who are typing now. Frozen, and the same array until something changes. */
  readonly typingMembers: readonly string[]

  /** Keeps the channel subscribed without listening to it, until the result is called or the signal aborts. */
  subscribe(options?: ListenOptions): Unsubscribe
  /** Hears every change of `status`. */
  onStatus(listener: (status: ChannelStatus, channel: Channel<Events>) => void, options?: ListenOptions): Unsubscribe
  /** Hears when messages may be missing: fetch the state of things again. */
  onGap(listener: (gap: Gap) => void, options?: ListenOptions): Unsubscribe
  /** Hears who is typing: all of them, at every change. Keeps the channel subscribed. */
  onTyping(listener: (members: readonly string[]) => void, options?: ListenOptions): Unsubscribe

  /**
   * Sends a message: at once, or as soon as there is a connection; once in effect, and in the order of the calls. The payload
   * is taken as it is now. `undefined` sends nothing (the others hear `null`). After a `Blob`, which has to be read first,
   * all later messages of the client wait for it. No subscription is needed.
   *
   * @throws {TautlineError} `misuse/…` when the call itself is wrong; every other failure is the handle's
   */
  send<Name extends EventName<Events>>(event: Name, ...rest: SendArguments<Events[Name], SendOptions>): SendHandle
  /**
   * Says a passing word to those who listen now: not kept, not numbered, not sent again. For cursors and the like.
   *
   * @returns whether it left; false where there is no connection or too many were sent
   * @throws {TautlineError} `misuse/…`; also `misuse/not-subscribed`
   */
  signal<Name extends EventName<Events>>(event: Name, ...rest: SendArguments<Events[Name], SignalOptions>): boolean
  /** Says that the user is typing, or stopped. Call it at every key press: it is said no more often than needed. */
  typing(active?: boolean): void
  /**
   * Asks the server something about this channel.
   *
   * @throws {TautlineError} `refused/…`, `late/reply`, `dropped/…`, `misuse/…`, always as a rejection
   */
  request<Reply = unknown>(event: string, payload?: unknown, options?: RequestOptions): Promise<Reply>
  /** Messages of the past, oldest first. Needs no subscription. Errors as in `request`. */
  history(options?: HistoryOptions): Promise<HistoryPage<MessageOf<Events, '*'>>>
}

/** The channel behind the interface. */
export class ClientChannel extends Source implements Omit<Channel<EventMap>, keyof Listenable<EventMap>> {
  readonly name: string
  readonly presence: ChannelPresence<RegisteredPresence>
  readonly #hub: Hub
  /** Those who hear typing, and those who only want the channel. */
  readonly #typing: Emitter
  readonly #notices: Emitter
  #id = 0
  #holds = 0
  #cleared = false
  #wanted = false
  #wantsPresence = false
  #status: ChannelStatus = 'idle'
  #error: TautlineError | undefined
  #epoch: string | undefined
  #offset = 0
  #typingMembers: readonly string[] = Object.freeze([])

  constructor(hub: Hub, name: string) {
    super(hub, name, (used) => this.hold(used))
    this.name = name
    this.#hub = hub
    this.#typing = new Emitter(hub, name, (used) => this.hold(used))
    this.#notices = new Emitter(hub, name)
    this.presence = new ChannelPresence(hub, this)
  }

  get status(): ChannelStatus {
    return this.#status
  }

  get error(): TautlineError | undefined {
    return this.#error
  }

  get position(): Position | undefined {
    return this.#epoch === undefined ? undefined : { epoch: this.#epoch, offset: this.#offset }
  }

  get typingMembers(): readonly string[] {
    return this.#typingMembers
  }

  subscribe(options?: ListenOptions): Unsubscribe {
    this.#hub.live()
    return this.#typing.on('nothing', () => {}, options)
  }

  onStatus(listener: (status: ChannelStatus, channel: Channel<EventMap>) => void, options?: ListenOptions): Unsubscribe {
    return this.#notices.on('status', listener as Heard, options)
  }

  onGap(listener: (gap: Gap) => void, options?: ListenOptions): Unsubscribe {
    return this.#notices.on('gap', listener as Heard, options)
  }

  onTyping(listener: (members: readonly string[]) => void, options?: ListenOptions): Unsubscribe {
    this.#hub.live('onTyping')
    return this.#typing.on('typing', listener as Heard, options)
  }

  send(event: string, payload?: unknown, options?: SendOptions): SendHandle {
    return this.#hub.send(this, event, payload, options)
  }

  signal(event: string, payload?: unknown, { ttlMs = 0 }: SignalOptions = {}): boolean {
    const quoted = quoteEvent(event)
    const content = encode(payload)
    this.#hub.live('signal', this.name, event, content)
    // Without a core there is no connection, and nobody to hear it.
    if (!this.#hub.core) return false
    const code = -this.#hub.call((core) => core.say(SAY_SIGNAL, this.id(core), quoted, content, sizeOf(content), ttlMs))
    if (codes[code - 1]?.startsWith('misuse')) throw fromCore(code)
    return code <= 0
  }

  typing(active = true): void {
    this.#hub.live('typing')
    if (this.#wanted) this.tell(TYPE, active)
  }

  request<Reply = unknown>(event: string, payload?: unknown, options?: RequestOptions): Promise<Reply> {
    return this.#hub.request(this, event, payload, options) as Promise<Reply>
  }

  async history(options: HistoryOptions = {}): Promise<HistoryPage> {
    const { limit, before, ...waiting } = options
    return toPage(await this.request('history', { limit, before }, waiting), this.name, this.#hub)
  }

  /** Its id in the core. */
  id(core: CoreApi): number {
    if (this.#id === 0) {
      this.#id = core.channel(this.name)
      this.#hub.route(this.#id, this)
    }
    return this.#id
  }

  /** From now on with presence. */
  wantPresence(): void {
    if (this.#wantsPresence) return
    this.#wantsPresence = true
    if (this.#wanted) this.attach()
  }

  /** Tells a core what this channel wants. */
  attach(): void {
    if (!this.#wanted) return
    this.tell(SUBSCRIBE, this.#wantsPresence)
    this.presence.attach()
  }

  /** Tells the core something about this channel, if there is a core. */
  tell(verb: number, flag?: boolean): void {
    this.#hub.inform((core) => core.call(verb, this.id(core), flag))
  }

  /** One more wants the channel, or one less. */
  hold(on: boolean): void {
    if (this.#cleared) return
    this.#holds += on ? 1 : -1
    if (on && !this.#wanted) {
      this.#wanted = true
      this.#turn('subscribing')
      this.attach()
    } else if (this.#holds === 0) {
      // A moment's grace, for those who come back at once.
      queueMicrotask(() => {
        if (this.#holds > 0 || !this.#wanted) return
        this.tell(UNSUBSCRIBE)
        this.#leave()
      })
    }
  }

  /** The core is at this place. */
  passed(offset: number): void {
    if (offset > 0) this.#offset = offset
  }

  /** The core delivers. */
  deliver(event: string, payload: unknown, message: unknown): void {
    this.messages.emit(event, payload, message)
  }

  subscribed(epoch: string, offset: number): void {
    this.#epoch = epoch
    this.#offset = offset
    this.#turn('subscribed')
  }

  refused(error: TautlineError): void {
    // A channel that is subscribed was refused something else in it.
    if (this.#status === 'subscribing') this.#turn('refused', error)
  }

  gap(gap: Gap): void {
    this.#notices.emit('gap', gap)
  }

  typers(members: readonly string[]): void {
    this.#typingMembers = Object.freeze(members)
    this.#typing.emit('typing', members)
  }

  /** The line is down: a subscription has to be made again. */
  lineDown(): void {
    if (this.#status === 'subscribed') this.#turn('subscribing')
  }

  /** The client is destroyed. */
  clear(): void {
    this.#cleared = true
    this.#leave()
    for (const emitter of [this.messages, this.#typing, this.#notices]) emitter.clear()
    this.presence.clear()
  }

  #leave(): void {
    this.#wanted = false
    this.#epoch = undefined
    this.presence.forget()
    if (this.#typingMembers.length > 0) this.#typingMembers = Object.freeze([])
    this.#turn('idle')
  }

  #turn(status: ChannelStatus, error?: TautlineError): void {
    if (this.#status === status) return
    this.#status = status
    this.#error = error
    this.#notices.emit('status', status, this)
  }
}
