// The core's calls to its host, in the words of the transcripts. The other side of src/bindings/events.rs.
import { readFileSync } from 'node:fs'
import { hex } from './world.mjs'

const STATES = ['idle', 'connecting', 'connected', 'reconnecting', 'closed', 'failed']
const RECOVERED = ['no', 'yes', 'first']
const REPLAYED = 1
const SIGNAL = 2

/** Names of error codes by number, from the one table that all others are compared with. */
const CODES = ['']
for (const [, number, name] of readFileSync(new URL('../../src/error.rs', import.meta.url), 'utf8').matchAll(
  /^ {4}\w+ = (\d+), "([\w/-]+)"/gm,
)) {
  CODES[Number(number)] = name
}

/** Whole milliseconds, where a multiplication has left a trace. */
const whole = (ms) => Math.floor(ms + 1e-6)

const plain = (value) => (value instanceof Uint8Array ? { $bytes: hex(value) } : (value ?? null))

const KINDS = [
  undefined,
  (a, b, c) => ({ event: 'state', state: STATES[a], cause: CODES[b] || null, retry: c ? whole(c) : null }),
  (a) => ({ event: 'welcomed', resumed: a === 1 }),
  (a, b, c, value, name) => ({ event: 'subscribed', channel: name(a), recovered: RECOVERED[b], replay: c, epoch: value[0], offset: value[1] }),
  (a, b, c, value, name) => ({ event: 'channel-refused', channel: name(a), code: CODES[b] }),
  (a, b, c, value, name) => ({ event: 'gap', channel: name(a) ?? null, held: b, next: c }),
  (a, b) => ({ event: 'sent', id: a, ...(b === 1 && { settled: true }) }),
  (a, b, c, { time = 0 }) => ({ event: 'acked', id: a, offset: b, time }),
  (a, b, c, value) => {
    // What the server said is no size that the core measured.
    const sizes = Array.isArray(value) ? { limit: value[0], size: value[1] } : {}
    return { event: 'failed', id: a, code: CODES[b], attempted: c === 1, ...sizes }
  },
  (a, b, c, value) => ({ event: 'replied', id: a, payload: plain(value) }),
  (a, b) => ({ event: 'request-failed', id: a, code: CODES[b] }),
  (a, b, c, [joined, updated, left], name) => ({ event: 'presence', channel: name(a), joined, updated, left }),
  (a, b, c, value, name) => ({ event: 'typing', channel: name(a), members: value }),
  (a, b) => ({ event: 'problem', code: CODES[b] }),
  (a) => ({ event: 'latency', ms: whole(a) }),
  (a) => ({ event: 'requeued', id: a }),
  (a) => ({ event: 'token', expires: a < 0 ? null : whole(a) }),
  () => ({ event: 'parted' }),
]

/** An event. `name` gives a channel's name for its id. */
export function describeEvent(kind, a, b, c, value, name) {
  return KINDS[kind](a, b, c, value, name)
}

/** A message or a signal. */
export function describeMessage(channel, event, payload, offset, flags, name) {
  const about = { channel: channel === 0 ? null : name(channel), name: event, payload: plain(payload) }
  if (flags & SIGNAL) return { event: 'signal', ...about }
  return { event: 'message', ...about, offset, replayed: (flags & REPLAYED) !== 0 }
}
