/** Somebody else in a channel, whom a test plays. */
import type { RegisteredPresence } from '../events.ts'
import type { Channel, Sender } from './channel.ts'

/** See {@link FakeServer.join}. */
export interface FakeMember {
  /** The member's id. */
  readonly id: string
  /** Publishes a message. */
  send(event: string, payload?: unknown): void
  /** Says a signal to those who listen. */
  signal(event: string, payload?: unknown, ttlMs?: number): void
  /** Types, or stops. */
  typing(active?: boolean): void
  /** Changes what presence shows. */
  update(state: RegisteredPresence): void
  /** Leaves presence. */
  leave(): void
}

/** How long the word that somebody types holds, in milliseconds, as clients say it. */
const TYPING_MS = 6000

export class Member implements FakeMember {
  readonly id: string
  readonly #channel: Channel
  readonly #sender: Sender
  #lastId = 0

  constructor(channel: Channel, sender: Sender) {
    this.id = sender.member
    this.#channel = channel
    this.#sender = sender
  }

  send(event: string, payload: unknown = null): void {
    this.#channel.publish(this.#sender, { event, payload, id: ++this.#lastId }, () => {})
  }

  signal(event: string, payload?: unknown, ttlMs?: number): void {
    this.#channel.signal(this.#sender, { event, payload, ttl: ttlMs })
  }

  typing(active = true): void {
    this.signal('$typing', undefined, active ? TYPING_MS : 0)
  }

  update(state: RegisteredPresence): void {
    this.#channel.track(this.#sender, state)
  }

  leave(): void {
    this.#channel.untrack(this.id)
  }
}
