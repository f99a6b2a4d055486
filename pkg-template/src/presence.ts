/** Who is in a channel. */
import type { ClientChannel } from './channel.ts'
import { TRACK, UNTRACK } from './core.ts'
import { Emitter, type Heard } from './emitter.ts'
import { TautlineError } from './error.ts'
import type { ListenOptions, Unsubscribe } from './events.ts'
import type { Hub } from './hub.ts'
import { encode } from './payload.ts'

/** Somebody in a channel: one client, so one person may be several members. */
export interface Member<State = unknown> {
  /** The client's public name, the same over reconnects. */
  readonly id: string
  /** The token's user, where tokens are used. */
  readonly user?: string
  /** Counts up with each change of `state`. */
  readonly version: number
  /** What the member says about itself. */
  readonly state: State
}

/** What changed, and who is there now. */
export interface PresenceChange<State = unknown> {
  /** New members. */
  readonly joined: readonly Member<State>[]
  /** Members with a new state. */
  readonly updated: readonly Member<State>[]
  /** Members that are gone. */
  readonly left: readonly Member<State>[]
  /** All of them now. */
  readonly members: readonly Member<State>[]
}

/** Presence of one channel. */
export interface Presence<State = unknown> {
  /**
   * Everybody, in the order they came. Frozen, and the same array until something changes. It stays empty until somebody
   * asks for presence: the option `presence: true`, `onChange` or `track`.
   */
  readonly members: readonly Member<State>[]
  /** Am present with this state, from now on and over all reconnects. Keeps the channel subscribed until `untrack`. */
  track(state: State): void
  /** Changes the state; the same as `track`. */
  update(state: State): void
  /** Am no longer present. */
  untrack(): void
  /** Hears every change. Keeps the channel subscribed. */
  onChange(listener: (change: PresenceChange<State>) => void, options?: ListenOptions): Unsubscribe
}

/** Who joined, who has another state, who left. */
export type Changes = readonly [readonly Member[], readonly Member[], readonly Member[]]

/** The presence of a {@link Channel}. */
export class ChannelPresence<State> implements Presence<State> {
  readonly #hub: Hub
  readonly #channel: ClientChannel
  readonly #changes: Emitter
  readonly #members = new Map<string, Member<State>>()
  /** What the core was, or is to be, told. */
  #tracked: string | undefined
  #snapshot: readonly Member<State>[] = Object.freeze([])

  constructor(hub: Hub, channel: ClientChannel) {
    this.#hub = hub
    this.#channel = channel
    this.#changes = new Emitter(hub, channel.name, (used) => this.#hold(used))
  }

  get members(): readonly Member<State>[] {
    return this.#snapshot
  }

  track(state: State): void {
    this.#hub.live('track')
    const json = encode(state)
    if (typeof json !== 'string') throw new TautlineError('misuse/unserialisable', { message: 'A presence state is JSON.' })
    const first = this.#tracked === undefined
    this.#tracked = json
    // Held first: a new subscription takes the state along.
    if (first) this.#hold(true)
    this.attach()
  }

  update(state: State): void {
    this.track(state)
  }

  untrack(): void {
    if (this.#tracked === undefined) return
    this.#tracked = undefined
    this.#channel.tell(UNTRACK)
    this.#hold(false)
  }

  onChange(listener: (change: PresenceChange<State>) => void, options?: ListenOptions): Unsubscribe {
    this.#hub.live('presence')
    return this.#changes.on('presence', listener as Heard, options)
  }

  /** Tells a core what is tracked. */
  attach(): void {
    const state = this.#tracked
    if (state !== undefined) this.#hub.inform((core) => core.say(TRACK, this.#channel.id(core), state))
  }

  /** The core says what changed. */
  apply([joined, updated, left]: Changes): void {
    for (const member of [...joined, ...updated]) this.#members.set(member.id, Object.freeze(member as Member<State>))
    for (const member of left) this.#members.delete(member.id)
    this.#snapshot = Object.freeze([...this.#members.values()])
    this.#changes.emit('presence', { joined, updated, left, members: this.#snapshot })
  }

  /** The subscription is over: nobody is known any more. */
  forget(): void {
    this.#members.clear()
    if (this.#snapshot.length > 0) this.#snapshot = Object.freeze([])
  }

  /** The client is destroyed. */
  clear(): void {
    this.#tracked = undefined
    this.#changes.clear()
  }

  /** Keeps the channel subscribed with presence, or no longer. */
  #hold(on: boolean): void {
    if (on) this.#channel.wantPresence()
    this.#channel.hold(on)
  }
}
