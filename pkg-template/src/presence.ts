/** Who is in a channel. */
import { Emitter, type Heard } from './emitter.ts'
import { TautlineError } from './error.ts'
import type { ListenOptions, Unsubscribe } from './events.ts'
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

/** What presence needs of its channel. */
export interface PresenceOwner {
  /** Throws when the client is destroyed, or the server has no word for it. */
  live(what: 'presence' | 'track'): void
  /** Keeps the channel subscribed with presence, or no longer. */
  hold(on: boolean): void
  /** Tells the core; undefined is untrack. */
  track(state: string | undefined): void
  listenerError(error: unknown, event: string): void
}

/** Who joined, who has another state, who left. */
export type Changes = readonly [readonly Member[], readonly Member[], readonly Member[]]

/** The presence of a {@link Channel}. */
export class ChannelPresence<State> implements Presence<State> {
  /** What the core was, or is to be, told. */
  tracked: string | undefined
  readonly #owner: PresenceOwner
  readonly #changes: Emitter
  readonly #members = new Map<string, Member<State>>()
  #snapshot: readonly Member<State>[] = Object.freeze([])

  constructor(owner: PresenceOwner) {
    this.#owner = owner
    this.#changes = new Emitter((error) => owner.listenerError(error, 'presence'), (used) => owner.hold(used))
  }

  get members(): readonly Member<State>[] {
    return this.#snapshot
  }

  track(state: State): void {
    this.#owner.live('track')
    const json = encode(state)
    if (typeof json !== 'string') throw new TautlineError('misuse/unserialisable', { message: 'A presence state is JSON.' })
    const first = this.tracked === undefined
    this.tracked = json
    // Held first: a new subscription takes the state along.
    if (first) this.#owner.hold(true)
    this.#owner.track(json)
  }

  update(state: State): void {
    this.track(state)
  }

  untrack(): void {
    if (this.tracked === undefined) return
    this.tracked = undefined
    this.#owner.track(undefined)
    this.#owner.hold(false)
  }

  onChange(listener: (change: PresenceChange<State>) => void, options?: ListenOptions): Unsubscribe {
    this.#owner.live('presence')
    return this.#changes.on('change', listener as Heard, options)
  }

  /** The core says what changed. */
  apply([joined, updated, left]: Changes): void {
    for (const member of [...joined, ...updated]) this.#members.set(member.id, Object.freeze(member as Member<State>))
    for (const member of left) this.#members.delete(member.id)
    this.#snapshot = Object.freeze([...this.#members.values()])
    this.#changes.emit('change', { joined, updated, left, members: this.#snapshot })
  }

  /** The subscription is over: nobody is known any more. */
  forget(): void {
    this.#members.clear()
    if (this.#snapshot.length > 0) this.#snapshot = Object.freeze([])
  }

  /** The client is destroyed. */
  clear(): void {
    this.tracked = undefined
    this.#changes.clear()
    this.forget()
  }
}
