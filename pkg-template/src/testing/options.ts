/** The fake server as tests use it. Types only. */
import type { EventName, RegisteredEvents, RegisteredPresence, Unsubscribe } from '../events.ts'
import type { FakeConnection } from './connection.ts'
import type { FakeMember } from './member.ts'
import type { Refusable, Refusal } from './refusals.ts'

/** Options of {@link createFakeServer}. */
export interface FakeServerOptions {
  /**
   * Who comes with this token: a user's id, or undefined to refuse it. Default: everybody may come, and nobody has a user.
   */
  readonly authenticate?: ((token: string | undefined) => string | undefined) | undefined
}

/** A message that was published. */
export interface FakeMessage<Events extends object = RegisteredEvents> {
  /** Its channel. */
  readonly channel: string
  /** Its event. */
  readonly event: EventName<Events>
  /** What it carries. */
  readonly payload: Events[EventName<Events>]
  /** Its place in the channel, from 1. */
  readonly offset: number
  /** The publisher's member id; undefined for what the test published. */
  readonly from: string | undefined
  /** The publisher's user. */
  readonly user: string | undefined
}

/** A signal that a client said. */
export interface Said {
  /** Its channel. */
  readonly channel: string
  /** Its event; `$typing` for typing, with a `ttl` of 0 when it ended. */
  readonly event: string
  /** What it carries. */
  readonly payload: unknown
  /** For how long it means anything, in milliseconds. */
  readonly ttl: number | undefined
  /** The member who said it. */
  readonly from: string
}

/** Somebody else: see {@link FakeServer.join}. */
export interface JoinOptions {
  /** The member's id. Default: one of its own. */
  readonly id?: string | undefined
  /** The user behind it. Default: none. */
  readonly user?: string | undefined
  /** What presence shows. Default: it only sends, and is in nobody's presence. */
  readonly state?: RegisteredPresence | undefined
}

/** Answers a request, at once or later. What it throws refuses the request: `refused/unknown-request`. */
export type RequestHandler = (payload: unknown, about: { readonly channel: string | undefined; readonly from: string; readonly user: string | undefined }) => unknown

/**
 * A server in the same process, in the place of the global `WebSocket`. It speaks Tautline's own protocol with whoever asks for it, and
 * nothing with others, such as `TautlineSocket`: with those the test speaks itself, through `connections`.
 *
 * It answers in microtasks and has no timers, so it works with any fake timers and with none.
 */
export interface FakeServer<Events extends object = RegisteredEvents> {
  /** A URL for a client. Any other does as well. */
  readonly url: string
  /** The open connections, oldest first. */
  readonly connections: readonly FakeConnection[]
  /** What was published so far and is in the history, oldest first. Kept over lost connections. */
  messages(channel?: string): readonly FakeMessage<Events>[]
  /** The signals that clients said so far, oldest first. */
  signals(channel?: string): readonly Said[]
  /** Who is present in a channel, as clients see it. */
  presence(channel: string): readonly { readonly id: string; readonly user?: string; readonly state: unknown }[]

  /** Resolves when everything that is on its way has arrived: both sides said all they have to say before time passes. */
  settle(): Promise<void>
  /** The newest connection that is open, or the next one. */
  connection(): Promise<FakeConnection>

  /** Publishes as an application's server does, with nobody as the sender. */
  publish<Name extends EventName<Events>>(channel: string, event: Name, payload: Events[Name]): void
  /** Somebody else in a channel, whom the test plays. */
  join(channel: string, options?: JoinOptions): FakeMember
  /** Answers requests of this event. `history` and `presence` are answered anyway. */
  onRequest(event: string, handler: RequestHandler): void
  /** Refuses what fits, until the result is called or `times` is over. */
  refuse(what: Refusable, refusal: Refusal): Unsubscribe

  /** Cuts every line, as a network does; or closes with a code, as a server does. Who comes back is let in. */
  drop(code?: number): void
  /** Cuts every line, and is not there for who comes, until `up`. */
  down(): void
  /** Is there again. */
  up(): void
  /** Hears everything and says nothing, as a server that hangs, until `release`. */
  hold(): void
  /** Says what it held back. */
  release(): void
  /**
   * Lets messages of a channel be lost before anybody gets them: each subscriber hears one `gap`, now or when it comes back.
   * The history before is gone as well.
   */
  gap(channel: string, missed?: number): void

  /** Gives the global `WebSocket` back. Clients that are still there hear nothing any more: destroy them first. */
  close(): void
  /** The same as `close`, for `using server = createFakeServer()`. */
  [Symbol.dispose](): void
}
