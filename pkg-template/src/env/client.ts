/** A client with two kinds of server: it speaks to one of them, and can go over to the other while it lives. */
import { type Client, TautlineClient } from '../client.ts'
import type { Heard } from '../emitter.ts'
import { invalid, type TautlineError } from '../error.ts'
import type { EventMap, Listenable, RegisteredEvents } from '../events.ts'
import type { Hub, LoadCore } from '../hub.ts'
import { infoOf } from '../info.ts'
import type { JsonDialect } from '../json/dialect.ts'
import type { SwitchReason } from '../lifecycle.ts'
import type { ClientOptions, UrlSource } from '../options.ts'
import type { ConnectionState } from '../state.ts'

/** How long a server may take to acknowledge what it has, and how often to look. */
const [LAST_WORDS_MS, LOOK_MS] = [2_000, 20]

/** A kind of server: `plain`, or a Discord-style chat server. */
export type EnvDialect = 'plain' | 'discord'

/** The client of `tautline/env`. */
export interface EnvClient<Events extends object = RegisteredEvents> extends Client<Events> {
  /** The kind of server it speaks to now. */
  readonly dialect: EnvDialect
  /**
   * Speaks to this kind of server from now on; without effect if it does already. A connection ends, and where one was wanted the
   * next is made. Everything that was given out goes on: listeners, channels with their subscriptions and presence states, handles
   * of messages. Each message goes to one server only, once: what was written went to the old one, what waits goes to the new one, in
   * order. A server that acknowledges is given two seconds for what it has; what is not acknowledged then may be there, so it fails,
   * with `late/ack` and `maybeDelivered`. What the new server cannot be told fails with `misuse/unsupported`. What others said between
   * the two connections is lost: each subscribed channel hears a `gap`. Tells `switched` when it is done: at once, unless
   * acknowledgements are waited for. Calling it with the present `dialect` takes back what waits.
   */
  switchTo(dialect: EnvDialect): void
}

/** How to reach a kind of server, and what to say there. */
interface Server {
  readonly url: UrlSource
  readonly dialect: JsonDialect
}

/** What a {@link SwitchingClient} is made of. */
export interface Making {
  readonly options: Omit<ClientOptions, 'url'>
  readonly loadCore: LoadCore
  readonly servers: Readonly<Record<EnvDialect, Server>>
  /** Whom to speak to first. */
  readonly first: EnvDialect
  /** Whether to go over to the other where the first does not work out. */
  readonly fallback: boolean
}

/** The client behind the interface. */
export class SwitchingClient extends TautlineClient implements Omit<EnvClient<EventMap>, keyof Listenable<EventMap>> {
  readonly #servers: Making['servers']
  readonly #fallback: boolean
  /** What speaks: our own hub, or that of the client which took over what we run on. */
  #speaker!: Hub
  #dialect: EnvDialect
  /** Some server welcomed us since `connect`. */
  #welcomed = false
  #fellBack = false
  /** What the state says now comes of a switch, and not of `connect`. */
  #moving = false
  /** Whom to speak to when the last acknowledgements are there. */
  #next: EnvDialect | undefined

  constructor({ options, loadCore, servers, first, fallback }: Making) {
    const { url, dialect } = servers[first]
    super({ ...options, url }, loadCore, dialect)
    this.#servers = servers
    this.#dialect = first
    this.#fallback = fallback
    const { hub } = this
    hub.engine = { ...hub.engine, taken: (other) => this.#serve(other) }
    this.#serve(hub)
  }

  get dialect(): EnvDialect {
    return this.#dialect
  }

  switchTo(dialect: EnvDialect): void {
    if (!Object.hasOwn(this.#servers, dialect)) invalid('dialect', "'plain' or 'discord'", dialect)
    if (dialect === this.#next) return
    this.#next = dialect === this.#dialect ? undefined : dialect
    if (!this.#next) return
    if (!this.#waitsForAcks()) return this.#switch(dialect, 'asked')
    const end = Date.now() + LAST_WORDS_MS
    const done = this.#acknowledged(dialect, end).then(() => {
      if (this.#next === dialect) this.#switch(dialect, 'asked')
    })
    // It only throws where the core broke, which the state tells.
    this.#speaker.hold(done.catch(() => {}))
  }

  override destroy(): void {
    this.#next = undefined
    super.destroy()
  }

  #serve(hub: Hub): void {
    this.#speaker = hub
    if (this.#fallback) hub.lifecycle.on('state', ((state: ConnectionState) => this.#watch(state)) as Heard)
  }

  #switch(to: EnvDialect, reason: SwitchReason, cause?: TautlineError): void {
    const from = this.#dialect
    this.#next = undefined
    if (from === to) return
    const { url, dialect } = this.#servers[to]
    const hub = this.#speaker
    hub.live()
    hub.engine = { ...hub.engine, dialect, settings: { ...hub.engine.settings, url } }
    this.#dialect = to
    this.#moving = true
    hub.inform((core) => core.speak?.(dialect.core))
    this.#moving = false
    hub.tell('switched', { from, to, reason, cause })
  }

  #waitsForAcks(): boolean {
    const { acknowledges } = this.#servers[this.#dialect].dialect
    const { state, identity, core } = this.#speaker
    return acknowledges && state.status === 'connected' && infoOf(state.status, identity, core?.numbers()).queueSize > 0
  }

  /** Looks again and again: no event says that a queue is empty, because nobody else needs one. */
  async #acknowledged(next: EnvDialect, end: number): Promise<void> {
    while (this.#next === next && this.#waitsForAcks() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }

  /** Each kind of server has one chance in the time from one `connect` to the next. */
  #watch({ status, cause }: ConnectionState): void {
    if (status === 'connecting' && !this.#moving) this.#welcomed = this.#fellBack = false
    if (status === 'connected') this.#welcomed = true
    const reason = status === 'failed' ? 'failed' : cause?.code === 'late/handshake' ? 'unwelcomed' : undefined
    if (!reason || this.#welcomed || this.#fellBack || !mayBeOtherwise(cause)) return
    this.#fellBack = true
    const from = this.#dialect
    // Later, when everybody has heard of this state.
    queueMicrotask(() => {
      if (this.#speaker.state.status === 'closed' || this.#dialect !== from) return
      this.#switch(from === 'plain' ? 'discord' : 'plain', reason, cause)
    })
  }
}

/** Whether the other server may do better: not if the mistake is ours, nor if we are the ones who are not wanted. */
function mayBeOtherwise(cause: TautlineError | undefined): boolean {
  const code = cause?.code ?? ''
  return !/^(misuse|internal)\/|^refused\/(auth|token|forbidden)/.test(code)
}
