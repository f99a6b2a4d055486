/** The types of events: which names there are, what a listener hears, what may be sent. Types only. */

/**
 * Tells this package the application's types once, instead of at every call.
 *
 * @example
 * declare module 'tautline' {
 *   interface Register {
 *     events: { message: { text: string }; cursor: { x: number; y: number } }
 *     presence: { name: string }
 *   }
 * }
 */
export interface Register {}

/** Events by name, and what each carries, where nothing else is known. */
export type EventMap = Record<string, unknown>

/** The events that {@link Register} names, or any. */
export type RegisteredEvents = Register extends { events: infer Events extends object } ? Events : EventMap

/** The presence state that {@link Register} names, or `unknown`. */
export type RegisteredPresence = Register extends { presence: infer State } ? State : unknown

/** The names of events. */
export type EventName<Events> = keyof Events & string

/** What can be listened to: an event, `'*'` for all, `'STORAGE_*'` for all that begin so. */
export type EventPattern<Events> = EventName<Events> | `${string}*`

/** The names that a pattern stands for. */
export type Matching<Events, Pattern extends string> = Pattern extends `${infer Prefix}*`
  ? string extends EventName<Events>
    ? string
    : Extract<EventName<Events>, `${Prefix}${string}`>
  : Pattern

/** One message, with everything known about it. */
export interface Message<Name extends string = string, Payload = unknown> {
  /** The channel it came in; `''` with servers that have no channels. */
  readonly channel: string
  /** Its event. */
  readonly event: Name
  /** What it carries. Bytes are a `Uint8Array`. */
  readonly payload: Payload
  /** Its place in the channel, counting up by one; 0 for signals. */
  readonly offset: number
  /** The sender's own number for it: what {@link SendHandle.id} was there. Undefined for signals. */
  readonly id: number | undefined
  /** The sender's member id, as in presence. */
  readonly from: string | undefined
  /** The sender's user id, where tokens are used. */
  readonly user: string | undefined
  /** When the server took it, in milliseconds since 1970. Undefined for signals. */
  readonly time: number | undefined
  /** Whether this client sent it. */
  readonly own: boolean
  /** Whether it was missed and came late, after a reconnect. */
  readonly replayed: boolean
  /** Whether it is a signal: not kept by the server, not numbered. */
  readonly signal: boolean
  /** Whether it came as bytes. */
  readonly binary: boolean
}

/** The messages that a pattern stands for: a union that `message.event` tells apart. */
export type MessageOf<Events, Pattern extends string> = {
  [Name in Matching<Events, Pattern>]: Message<Name, Name extends keyof Events ? Events[Name] : unknown>
}[Matching<Events, Pattern>]

/**
 * Hears messages. The payload comes first because it is what most want; `message` has the rest, and the payload again, so
 * that `switch (message.event)` narrows it. A pattern that no event matches takes no listener.
 */
export type Listener<Events, Pattern extends string> = [Matching<Events, Pattern>] extends [never]
  ? never
  : (payload: MessageOf<Events, Pattern>['payload'], message: MessageOf<Events, Pattern>) => void

/** Ends what it came from. Calling it again does nothing. */
export type Unsubscribe = () => void

/** Options of everything that listens. */
export interface ListenOptions {
  /** Ends the listening when it aborts. */
  readonly signal?: AbortSignal | undefined
}

/** Options of `on`. */
export interface OnOptions extends ListenOptions {
  /** Hear one message only. */
  readonly once?: boolean | undefined
}

/** Options of `waitFor`. */
export interface WaitOptions<Awaited> extends ListenOptions {
  /** For how long, in milliseconds. Default: for ever. */
  readonly timeoutMs?: number | undefined
  /** Which one. Default: the next. */
  readonly filter?: ((message: Awaited) => boolean) | undefined
}

/** Options of `events`. */
export interface StreamOptions extends ListenOptions {
  /**
   * How many messages may wait for the loop. Default 256. When more come, the oldest is dropped, and a `problem` with
   * `dropped/overflow` says so once for each time the loop fell behind.
   */
  readonly buffer?: number | undefined
}

/** Everything that can be listened to: a client hears all its channels, a channel itself. */
export interface Listenable<Events extends object> {
  /**
   * Listens to an event, to all (`'*'`) or to all that begin alike (`'STORAGE_*'`). A listener that throws harms no other;
   * the error goes to `listenerError` and `globalThis.reportError`. The same function may listen twice.
   *
   * @returns ends it
   */
  on<Pattern extends EventPattern<Events>>(event: Pattern, listener: Listener<Events, Pattern>, options?: OnOptions): Unsubscribe

  /** Listens to one message. */
  once<Pattern extends EventPattern<Events>>(
    event: Pattern,
    listener: Listener<Events, Pattern>,
    options?: ListenOptions,
  ): Unsubscribe

  /** Ends every listening of this function to this event. */
  off<Pattern extends EventPattern<Events>>(event: Pattern, listener: Listener<Events, Pattern>): void

  /**
   * The next message that fits.
   *
   * @throws {TautlineError} `late/reply` after `timeoutMs`, `dropped/cancelled` on abort, `dropped/closed` on destroy
   */
  waitFor<Pattern extends EventPattern<Events>>(
    event: Pattern,
    options?: WaitOptions<MessageOf<Events, Pattern>>,
  ): Promise<MessageOf<Events, Pattern>>

  /**
   * Messages for a `for await` loop. Listens from this call on until the loop ends, the signal aborts or the client is
   * destroyed; so loop over it, or give a signal.
   */
  events<Pattern extends EventPattern<Events>>(
    event: Pattern,
    options?: StreamOptions,
  ): AsyncIterableIterator<MessageOf<Events, Pattern>>

  /** How many listen to this event by name or pattern as given; without one, how many listen at all. */
  listenerCount(event?: EventPattern<Events>): number
}

/** What may be sent for an event: bytes in any form where the event carries a `Uint8Array`. */
export type Sendable<Payload> = Payload | (Payload extends Uint8Array ? ArrayBuffer | ArrayBufferView | Blob : never)

/** The arguments after the event: the payload may be left out only where the event may carry nothing. */
export type SendArguments<Payload, Options> = undefined extends Payload
  ? [payload?: Sendable<Payload>, options?: Options]
  : [payload: Sendable<Payload>, options?: Options]
