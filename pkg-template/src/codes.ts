/** The words of every error. Their order is that of src/error.rs: the index plus one is the number that the core speaks of. */

const table = {
  'misuse/invalid-option': 'An option is not valid.',
  'misuse/invalid-argument': 'An argument is not valid.',
  'misuse/unserialisable': 'The payload cannot be sent as JSON. Send plain data, or bytes.',
  'misuse/destroyed': 'The client was destroyed. Create a new one.',
  'misuse/channel-required': 'This server needs to know the channel. Use client.channel(name), or the option `channel`.',
  'misuse/not-subscribed': 'This needs a subscription. Listen to the channel first, or call channel.subscribe().',
  'misuse/unsupported': 'This is not supported here.',
  'peer/bad-frame': 'The server sent a frame that could not be read; it was skipped.',
  'peer/unknown-type': 'The server sent a frame of an unknown type; it was skipped.',
  'peer/unexpected': 'The server sent a frame at the wrong time.',
  'peer/protocol': 'The server does not speak this protocol. Check the URL.',
  'refused/auth-required': 'The server wants a token. Give the option `token`.',
  'refused/token-invalid': 'The server does not accept the token.',
  'refused/token-expired': 'The token has expired. Let `token` be a function that fetches a new one.',
  'refused/forbidden': 'The server does not allow this.',
  'refused/bad-frame': 'The server could not read what was sent.',
  'refused/too-large': 'The payload is larger than the server takes.',
  'refused/rate-limited': 'The server says: too fast.',
  'refused/channel-limit': 'The server allows no more channels on this connection. Leave one first.',
  'refused/not-subscribed': 'The server says that this needs a subscription.',
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
  'late/open': 'The connection took too long to open.',
  'late/handshake': 'The server took too long to welcome the client.',
  'late/ack': 'The server took too long to acknowledge a message.',
  'late/reply': 'No answer came in time.',
  'late/subscribe': 'The server took too long to answer a subscription.',
  'dropped/overflow': 'A queue is full.',
  'dropped/expired': 'The message waited longer than its `ttlMs`.',
  'dropped/cancelled': 'It was cancelled.',
  'dropped/too-large': 'The message is larger than the server takes.',
  'dropped/closed': 'The client was destroyed before this was done.',
  'dropped/not-connected': 'There is no connection, and this does not wait for one.',
  'dropped/rate-limited': 'Too many in too short a time, and this does not wait.',
  'internal/panic': 'The core stopped working. This is a bug in Tautline: please report it, and create a new client.',
  'internal/wasm-load':
    "The WebAssembly core did not start. A Content-Security-Policy needs 'wasm-unsafe-eval' in script-src; otherwise the runtime lacks WebAssembly.",
  'peer/no-channel': 'The server did not say which channel a message is for; only the client hears it.',
  'refused/invalid-shard': 'The gateway does not know this shard. Check `shards`.',
  'refused/sharding-required': 'The gateway wants more shards. Raise `shards`.',
  'refused/invalid-version': 'The gateway does not speak this version.',
  'refused/invalid-intents': 'The gateway does not know these `intents`.',
  'refused/disallowed-intents': 'The gateway does not grant these `intents`.',
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
