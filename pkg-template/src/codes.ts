/**
 * The words of every error; none where the code says it all. Their order is that of src/error.rs: the index plus one is the number
 * that the core speaks of.
 */

const table = {
  'misuse/invalid-option': 'Invalid option.',
  'misuse/invalid-argument': 'Invalid argument.',
  'misuse/unserialisable': 'This cannot be sent: send JSON data, or bytes.',
  'misuse/destroyed': 'The client was destroyed. Create a new one.',
  'misuse/channel-required': 'Name the channel: client.channel(name), or the option `channel`.',
  'misuse/not-subscribed': 'Listen to the channel first, or call channel.subscribe().',
  'misuse/unsupported': 'Not supported here.',
  'peer/bad-frame': '',
  'peer/unknown-type': '',
  'peer/unexpected': '',
  'peer/protocol': 'The server does not speak this protocol. Check the URL.',
  'refused/auth-required': 'The server wants a token. Give the option `token`.',
  'refused/token-invalid': 'The server does not accept the token.',
  'refused/token-expired': 'The token has expired. Let `token` be a function that fetches a new one.',
  'refused/forbidden': '',
  'refused/bad-frame': '',
  'refused/too-large': '',
  'refused/rate-limited': 'Too fast for the server. Send less often.',
  'refused/channel-limit': 'Too many channels. Leave one first.',
  'refused/not-subscribed': 'This needs a subscription: call channel.subscribe().',
  'refused/unknown-request': '',
  'refused/unavailable': 'The server cannot do this now. Try later.',
  'refused/other': '',
  'lost/closed': '',
  'lost/network': 'The connection was lost or could not be made.',
  'lost/heartbeat': 'The server stopped answering.',
  'lost/reconnect-asked': '',
  'lost/server-busy': '',
  'lost/page-hidden': '',
  'lost/provider': 'The `url` or `token` function failed. See `cause`.',
  'late/resolve': 'The `url` or `token` function took too long.',
  'late/open': 'No connection in time. Check that the server can be reached.',
  'late/handshake': '',
  'late/ack': '',
  'late/reply': '',
  'late/subscribe': '',
  'dropped/overflow': 'A queue is full.',
  'dropped/expired': 'It waited longer than its `ttlMs`.',
  'dropped/cancelled': '',
  'dropped/too-large': '',
  'dropped/closed': 'The client was destroyed first.',
  'dropped/not-connected': 'No connection, and this does not wait for one.',
  'dropped/rate-limited': 'Too fast, and this does not wait.',
  'internal/panic': 'A bug in Tautline: please report it, and create a new client.',
  'internal/wasm-load': "The core did not start. A Content-Security-Policy needs 'wasm-unsafe-eval' in script-src.",
  'peer/no-channel': 'The server did not name the channel; only the client hears it.',
  'refused/invalid-shard': '',
  'refused/sharding-required': '',
  'refused/invalid-version': '',
  'refused/invalid-intents': '',
  'refused/disallowed-intents': '',
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

/** How a sentence begins that the code ends. */
const beginnings: Readonly<Record<string, string>> = {
  peer: 'The server broke the protocol',
  refused: 'The server refused',
  lost: 'The connection was lost',
  late: 'Not in time',
  dropped: 'Not sent',
}

/** The sentence that belongs to a code. */
export function wordsOf(code: ErrorCode): string {
  const [blame = '', what = ''] = code.split('/')
  return table[code] || `${beginnings[blame]}: ${what.replace('-', ' ')}.`
}

/** Every code, by its number less one. */
export const codes: readonly ErrorCode[] = /* @__PURE__ */ Object.keys(table) as ErrorCode[]
