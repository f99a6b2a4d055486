/** The client as applications use it. */
import { type Channel, type ChannelOptions, ClientChannel } from './channel.ts'
import { REFRESH, RETRY } from './core.ts'
import type { Dialect } from './dialect.ts'
import type { Heard } from './emitter.ts'
import type { EventMap, EventName, Listenable, ListenOptions, RegisteredEvents, SendArguments, Unsubscribe } from './events.ts'
import { Hub, type LoadCore } from './hub.ts'
import { type ConnectionInfo, type ConnectionStats, infoOf, statsOf } from './info.ts'
import type { LifecycleEvents } from './lifecycle.ts'
import { checkName } from './name.ts'
import { type ClientOptions, parseOptions } from './options.ts'
import type { RequestOptions } from './requests.ts'
import type { SendHandle, SendOptions } from './send.ts'
import { Source } from './source.ts'
import type { ConnectionState } from './state.ts'

/** Options of {@link Client.send}. */
export interface ClientSendOptions extends SendOptions {
  /** The channel to send to. Servers with channels, as Tautline's own, need it. */
  readonly channel?: string | undefined
}

/** Options of {@link Client.request}. */
export interface ClientRequestOptions extends RequestOptions {
  /** The channel it is about. Default: none. */
  readonly channel?: string | undefined
}

/**
 * One conversation with a server. Listening to the client hears the messages of every subscribed channel, and subscribes to
 * none. After `destroy` everything but getters, `off` and unsubscribing throws `misuse/destroyed`.
 */
export interface Client<Events extends object = RegisteredEvents> extends Listenable<Events> {
  /** The connection now: frozen, and the same object until it changes. */
  readonly state: ConnectionState
  /** Hears every change of `state`. */
  onConnectionStateChange(listener: (state: ConnectionState) => void, options?: ListenOptions): Unsubscribe
  /** Hears what the client tells about itself: gaps, problems, latency and so on. */
  onLifecycle<Name extends keyof LifecycleEvents>(
    name: Name,
    listener: (event: LifecycleEvents[Name]) => void,
    options?: ListenOptions,
  ): Unsubscribe

  /**
   * Connects, and stays connected until `close`. Without effect while it does. Loads the core at the first call. What goes
   * wrong shows in `state`; only a wrong `url` throws. Does nothing on a server that renders a page (no `document`, no worker,
   * no `WebSocket`): the state stays `idle`.
   */
  connect(): void
  /** Ends the connection; `connect` opens it again. The queue is kept. */
  close(): void
  /** Tries now instead of waiting for the next attempt. */
  retry(): void
  /** Asks the `token` function now and renews the token on the living connection: after the user's rights changed. */
  refreshToken(): void
  /** Closes for ever: every open send and request fails with `dropped/closed`, and no listener hears anything any more. */
  destroy(): void
  /** The same as `destroy`, for `using client = createClient(…)`. */
  [Symbol.dispose](): void

  /** The channel of this name: the same object every time. Does not subscribe by itself, see {@link Channel}. */
  channel<ChannelEvents extends object = Events>(name: string, options?: ChannelOptions): Channel<ChannelEvents>
  /** Sends a message, see {@link Channel.send}. */
  send<Name extends EventName<Events>>(event: Name, ...rest: SendArguments<Events[Name], ClientSendOptions>): SendHandle
  /** Asks the server something, see {@link Channel.request}. */
  request<Reply = unknown>(event: string, payload?: unknown, options?: ClientRequestOptions): Promise<Reply>

  /** Who and where this client is, as of now. */
  getConnectionInfo(): ConnectionInfo
  /** What it counted, as of now. */
  getStats(): ConnectionStats
  /** The browser's own socket of the present or last connection, to look at: whoever sends or closes here breaks the client. */
  readonly socket: WebSocket | undefined
}

/** The client behind the interface. */
export class TautlineClient extends Source implements Omit<Client<EventMap>, keyof Listenable<EventMap>> {
  declare [Symbol.dispose]: () => void
  readonly #hub: Hub

  constructor(options: ClientOptions, loadCore: LoadCore, dialect?: Dialect) {
    const hub = new Hub({ settings: parseOptions(options), loadCore, dialect }, (event, payload, message) => this.messages.emit(event, payload, message))
    super(hub)
    this.#hub = hub
    // Where browsers have it.
    if (Symbol.dispose) this[Symbol.dispose] = () => this.destroy()
  }

  get state(): ConnectionState {
    return this.#hub.state
  }

  get socket(): WebSocket | undefined {
    return this.#hub.socket
  }

  onConnectionStateChange(listener: (state: ConnectionState) => void, options?: ListenOptions): Unsubscribe {
    return this.onLifecycle('state', listener, options)
  }

  onLifecycle<Name extends keyof LifecycleEvents>(
    name: Name,
    listener: (event: LifecycleEvents[Name]) => void,
    options?: ListenOptions,
  ): Unsubscribe {
    this.#hub.live()
    return this.#hub.lifecycle.on(name, listener as Heard, options)
  }

  connect(): void {
    this.#hub.connect()
  }

  close(): void {
    this.#hub.close()
  }

  retry(): void {
    this.#hub.live()
    this.#hub.inform((core) => core.call(RETRY))
  }

  refreshToken(): void {
    this.#hub.live('refresh')
    this.#hub.inform((core) => core.call(REFRESH))
  }

  destroy(): void {
    this.#hub.destroy()
    this.messages.clear()
  }

  channel<ChannelEvents extends object = EventMap>(name: string, options?: ChannelOptions): Channel<ChannelEvents> {
    this.#hub.live('channel')
    const channel = this.#channel(name)
    if (options?.presence) {
      this.#hub.live('presence')
      channel.wantPresence()
    }
    return channel as unknown as Channel<ChannelEvents>
  }

  send(event: string, payload?: unknown, options?: ClientSendOptions): SendHandle {
    return this.#hub.send(this.#target(options), event, payload, options)
  }

  async request<Reply = unknown>(event: string, payload?: unknown, options?: ClientRequestOptions): Promise<Reply> {
    return (await this.#hub.request(this.#target(options), event, payload, options)) as Reply
  }

  getConnectionInfo(): ConnectionInfo {
    const { state, identity, core } = this.#hub
    return infoOf(state.status, identity, core?.numbers())
  }

  getStats(): ConnectionStats {
    return statsOf(this.#hub.core?.numbers())
  }

  /** For clients that can do more. */
  protected get hub(): Hub {
    return this.#hub
  }

  #target({ channel }: ClientSendOptions = {}): ClientChannel | undefined {
    return channel === undefined ? undefined : this.#channel(channel)
  }

  #channel(name: string): ClientChannel {
    this.#hub.live()
    let channel = this.#hub.channels.get(name)
    if (!channel) {
      checkName('channel', name)
      channel = new ClientChannel(this.#hub, name)
      this.#hub.channels.set(name, channel)
    }
    return channel
  }
}

/** A client whose core comes later: `later` makes the client whose engine this one takes over, at the first need. */
export function laterClient(options: ClientOptions, later: () => Promise<unknown>): Client<EventMap> {
  const client = new TautlineClient(options, undefined as never) as unknown as WithHub & Client<EventMap>
  const { hub } = client
  hub.prepare = async () => {
    hub.engine = ((await later()) as WithHub).hub.engine
    hub.engine.taken?.(hub)
    await hub.restore()
  }
  return client
}

/** What every client of this package is within. */
interface WithHub {
  readonly hub: Hub
}
