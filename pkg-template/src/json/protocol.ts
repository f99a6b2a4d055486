/** What a hand-written server speaks, as its users describe it. Types only; the defaults are those of presets.ts. */
import type { ClientOptions } from '../options.ts'

/** Options of `createClient` of `tautline/json`. */
export interface JsonClientOptions extends ClientOptions {
  /** What the server speaks. Default: {@link presets}`.channels`. */
  readonly protocol?: JsonProtocol | undefined
  /**
   * How many times to try again before a connection holds; then the state is `failed`, with what was wrong last. `connect` starts
   * over. Default: without end, which suits users better: networks come back.
   */
  readonly maxReconnectAttempts?: number | undefined
}

/**
 * What a server speaks. `send`, `events` and `receive` are taken whole: spread those of a preset to keep them.
 *
 * @example
 * const protocol = { ...presets.channels, receive: { ...presets.channels.receive, ready: 'welcome' } }
 */
export interface JsonProtocol {
  /** Where things stand in a frame. */
  readonly fields?: JsonFields | undefined
  /**
   * Whose a frame is that names no channel. `'client'`, the default: only the client's listeners hear it. `'channel'`: it is
   * for the channel, as long as only one is joined; with several, nobody can say, and `peer/no-channel` is told once.
   */
  readonly unaddressed?: 'channel' | 'client' | undefined
  /** What the client says. Default: that of `presets.channels`. */
  readonly send?: JsonMessages | undefined
  /** Messages for events that have one of their own, by the event's name. Default: none. */
  readonly events?: Readonly<Record<string, JsonMessage>> | undefined
  /** What the server's types mean. Default: that of `presets.channels`. */
  readonly receive?: JsonTypes | undefined
  /** What the server's error codes (`fields.code`) mean, as `refused/…`. Default: all are `refused/other`. */
  readonly codes?: Readonly<Record<string, RefusalCode>> | undefined
  /** Which close codes mean something. */
  readonly closeCodes?: JsonCloseCodes | undefined
  /** How long others type who do not say so again, in milliseconds. Default 10,000. */
  readonly typingTtlMs?: number | undefined
  /** The longest silence of a living server, in milliseconds; for those that ping. Default 0: silence proves nothing. */
  readonly silenceMs?: number | undefined
}

/** Why a server refuses. */
export type RefusalCode =
  | 'refused/auth-required'
  | 'refused/token-invalid'
  | 'refused/token-expired'
  | 'refused/forbidden'
  | 'refused/bad-frame'
  | 'refused/too-large'
  | 'refused/rate-limited'
  | 'refused/channel-limit'
  | 'refused/not-subscribed'
  | 'refused/unavailable'
  | 'refused/other'

/** Where things stand in a frame of the server's: a name, or names joined by dots (`'payload.room'`); null: nowhere. */
export interface JsonFields {
  /** The frame's type. Default `'type'`. */
  readonly type?: string | undefined
  /** The channel's name. Default `'channel'`. */
  readonly channel?: string | null | undefined
  /** The event's name, in frames where it is not the type. Default `'event'`. */
  readonly event?: string | null | undefined
  /** The application's payload; null: the whole frame is it. Default `'payload'`. */
  readonly payload?: string | null | undefined
  /** When it was said: `message.time`, if it is a number. Default `'timestamp'`. */
  readonly timestamp?: string | null | undefined
  /** The id of a message of ours, in acks and errors. Default `'id'`. */
  readonly id?: string | null | undefined
  /** Whom the frame is about or from: a name, or an object that has one. Default `'payload.user'`. */
  readonly member?: string | null | undefined
  /** The name in a member that is an object. Default `'id'`. */
  readonly memberId?: string | undefined
  /** A list of everybody, in frames of presence. Default null. */
  readonly members?: string | null | undefined
  /** The code of an error. Default `'payload.code'`. */
  readonly code?: string | null | undefined
  /** The words of an error. Default `'payload.message'`. */
  readonly message?: string | null | undefined
  /** The connection's name, in the frame that lets us in. Default `'payload.connectionId'`. */
  readonly connection?: string | null | undefined
  /** The number of the shard that serves us, in that frame: `getConnectionInfo().shardId`. Default `'payload.shardId'`. */
  readonly shard?: string | null | undefined
  /**
   * How often the server beats, in milliseconds, in that frame; for those that ping. It takes the place of `silenceMs`: two and a
   * half beats, between 2.5 seconds and 2.5 hours. Default null.
   */
  readonly heartbeat?: string | null | undefined
}

/**
 * A message of the client's: an example of it, in which strings stand for what differs. `$channel`, `$event`, `$payload`,
 * `$token`, `$state` (of presence), `$id` (a string, unique among all clients), `$time` (now, in milliseconds since 1970),
 * `$timestamp` (that of the frame that is answered). The key `'...'` with the value `'$payload'`, as the first of an object, puts the
 * members of the payload there.
 *
 * @example
 * const publish = { type: 'chat', payload: { '...': '$payload', room: '$channel' } }
 */
export type JsonMessage = { readonly [key: string]: unknown }

/** The client's messages. What has none cannot be said: the call that would say it throws `misuse/unsupported`. */
export interface JsonMessages {
  /** Sent first on every connection, if there is a token: `$token`. */
  readonly auth?: JsonMessage | undefined
  /** A new token on the living connection: `$token`. */
  readonly refresh?: JsonMessage | undefined
  /** Joins a channel: `$channel`. */
  readonly subscribe?: JsonMessage | undefined
  /** Leaves one: `$channel`. Without it the client only stops listening. */
  readonly unsubscribe?: JsonMessage | undefined
  /** Any event to a channel: `$channel`, `$event`, `$payload`; with acks `$id`. */
  readonly publish?: JsonMessage | undefined
  /** Any event to nobody in particular, from `client.send`: `$event`, `$payload`; with acks `$id`. */
  readonly emit?: JsonMessage | undefined
  /** A passing word: `$channel`, `$event`, `$payload`. Default: as it is published, unless that has an `$id`. */
  readonly signal?: JsonMessage | undefined
  /** The user types: `$channel`. */
  readonly typing?: JsonMessage | undefined
  /** The user stopped: `$channel`. Without it the others find out by themselves. */
  readonly stopTyping?: JsonMessage | undefined
  /** The user is present: `$channel`, `$state`. */
  readonly track?: JsonMessage | undefined
  /** No longer: `$channel`. */
  readonly untrack?: JsonMessage | undefined
  /** Our heartbeat. How often, and how long the answer may take, is the client's option `heartbeat`: 25 s and 10 s. */
  readonly ping?: JsonMessage | undefined
  /** The answer to the server's: `$timestamp`. */
  readonly pong?: JsonMessage | undefined
}

/** One type of the server's, or several. */
export type JsonType = string | readonly string[]

/** Types of the server's that mean something. All others are events of the application. */
export interface JsonTypes {
  /** We are let in. Without it the client is connected when its socket is open. */
  readonly ready?: JsonType | undefined
  /** The token is refused. */
  readonly refused?: JsonType | undefined
  /** An error: about a message if it has its `fields.id`, about a channel if it names one, before we are let in about us. */
  readonly error?: JsonType | undefined
  /** The channel is joined. Without it a channel is when it was asked for. */
  readonly subscribed?: JsonType | undefined
  /** The server's heartbeat. */
  readonly ping?: JsonType | undefined
  /** The answer to ours. */
  readonly pong?: JsonType | undefined
  /** The server has a message (`fields.id`): from now on each waits for this, and is sent again after a lost connection. */
  readonly ack?: JsonType | undefined
  /** Somebody came, or everybody is here: `channel.presence`. Heard as an event too. */
  readonly joined?: JsonType | undefined
  /** Somebody left. Heard as an event too. */
  readonly left?: JsonType | undefined
  /** Somebody has another state, or everybody is here. Heard as an event too. */
  readonly updated?: JsonType | undefined
  /** Somebody types: `channel.typingMembers`. Heard as an event too. */
  readonly typing?: JsonType | undefined
  /** Somebody stopped. Heard as an event too. */
  readonly stopTyping?: JsonType | undefined
  /** Of no interest. */
  readonly ignored?: JsonType | undefined
}

/** See {@link JsonProtocol.closeCodes}. */
export interface JsonCloseCodes {
  /** Another token is wanted. Default 4401. */
  readonly token?: readonly number[] | undefined
  /** We are not wanted. Default 4403. */
  readonly final?: readonly number[] | undefined
}
