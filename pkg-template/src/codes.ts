/** The words of every error. Their order is that of src/error.rs: the index plus one is the number that the core speaks of. */

const table = {
  'misuse/invalid-option': 'Invalid option.',
  'misuse/invalid-argument': 'Invalid argument.',
  'misuse/unserialisable': 'This cannot be sent: send JSON data, or bytes.',
  'misuse/destroyed': 'The client was destroyed. Create a new one.',
  'misuse/channel-required': 'Name the channel: client.channel(name), or the option `channel`.',
  'misuse/not-subscribed': 'Listen to the channel first, or call channel.subscribe().',
  'misuse/unsupported': 'Not supported here.',
  'peer/bad-frame': 'The server sent what cannot be read; it was skipped.',
  'peer/unknown-type': 'The server sent an unknown type; it was skipped.',
  'peer/unexpected': 'The server sent a frame at the wrong time.',
  'peer/protocol': 'The server does not speak this protocol. Check the URL.',
  'refused/auth-required': 'The server wants a token. Give the option `token`.',
  'refused/token-invalid': 'The server does not accept the token.',
  'refused/token-expired': 'The token has expired. Let `token` be a function that fetches a new one.',
  'refused/forbidden': 'The server does not allow this.',
  'refused/bad-frame': 'The server could not read this.',
  'refused/too-large': 'Larger than the server takes.',
  'refused/rate-limited': 'Too fast for the server.',
  'refused/channel-limit': 'Too many channels. Leave one first.',
  'refused/not-subscribed': 'This needs a subscription.',
  'refused/unknown-request': 'The server does not know this request.',
  'refused/unavailable': 'The server cannot do this now. Try later.',
  'refused/other': 'The server refused.',
  'lost/closed': 'The server closed the connection.',
  'lost/network': 'The connection was lost or could not be made.',
  'lost/heartbeat': 'The server stopped answering.',
  'lost/reconnect-asked': 'The server asked to reconnect.',
  'lost/server-busy': 'The server is busy.',
  'lost/page-hidden': 'The page was put away.',
  'lost/provider': 'The `url` or `token` function failed. See `cause`.',
  'late/resolve': 'The `url` or `token` function took too long.',
  'late/open': 'No connection in time.',
  'late/handshake': 'No welcome in time.',
  'late/ack': 'No acknowledgement in time.',
  'late/reply': 'No answer in time.',
  'late/subscribe': 'No subscription in time.',
  'dropped/overflow': 'A queue is full.',
  'dropped/expired': 'It waited longer than its `ttlMs`.',
  'dropped/cancelled': 'It was cancelled.',
  'dropped/too-large': 'Larger than the server takes.',
  'dropped/closed': 'The client was destroyed first.',
  'dropped/not-connected': 'No connection, and this does not wait.',
  'dropped/rate-limited': 'Too fast, and this does not wait.',
  'internal/panic': 'A bug in Tautline: please report it, and create a new client.',
  'internal/wasm-load': "The core did not start. A Content-Security-Policy needs 'wasm-unsafe-eval' in script-src.",
  'peer/no-channel': 'The server did not name the channel; only the client hears it.',
  'refused/invalid-shard': 'The gateway does not know this shard. Check `shards`.',
  'refused/sharding-required': 'The gateway wants more shards. Raise `shards`.',
  'refused/invalid-version': 'The gateway does not speak this version.',
  'refused/invalid-intents': 'The gateway does not know these `intents`.',
  'refused/disallowed-intents': 'The gateway does not grant these `intents`.',
  'misuse/no-provider': 'There is no <TautlineProvider> above.',
  'peer/invalid-payload': 'The server sent what its schema refuses.',
}

/**
 * What went wrong, as a stable string: whose fault it is, a slash, and what. `misuse`: the call was wrong. `peer`: the
 * server broke the protocol. `refused`: the server said no. `lost`: the connection was lost. `late`: a deadline passed.
 * `dropped`: a limit was reached, or it was taken back. `internal`: Tautline's own fault.
 */
export type ErrorCode = keyof typeof table

/** Whose fault an error is: the part of its code before the slash. */
export type ErrorBlame = ErrorCode extends infer Code ? (Code extends `${infer Blame}/${string}` ? Blame : never) : never

/** The sentence that belongs to a code. */
export const words: Readonly<Record<ErrorCode, string>> = table

/** Every code, by its number less one. */
export const codes: readonly ErrorCode[] = /* @__PURE__ */ Object.keys(table) as ErrorCode[]
