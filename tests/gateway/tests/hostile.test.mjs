// What a gateway should never send, and what it refuses, on real sockets against tautline/discord as built: each is one typed error that
// says what to do, ends where the table of close codes says so, leads into no loop, leaves no rejection unhandled and prints no token.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, test } from 'node:test'
import * as tautline from './clients/tautline.mjs'
import { meet } from './meet.mjs'
import { TOKEN } from './support.mjs'

/** Long enough for another attempt, or for an unhandled rejection to end the process. */
const AFTER_MS = 1500
const QUICK = { backoff: { minMs: 20, maxMs: 100, slowMs: 200 }, identify: { spacingMs: 0 }, invalidSessionWaitMs: [10, 50] }
const SMALL = { inflate: { maxMessageBytes: 65_536 } }
const BOMB = 3_000_000

/** After READY. */
const then = (...actions) => [{ on: 'identify', do: [{ wait: 100 }, ...actions] }]
/** Instead of HELLO, on every connection. */
const instead = (...actions) => [{ on: 'connect', times: 0, instead: true, do: actions }]

/**
 * @typedef {object} Row
 * @property {string} title
 * @property {object} [gateway] options of the gateway
 * @property {object} [how] transport, and `options` of ours
 * @property {object[]} [rules]
 * @property {string[]} codes the kinds of errors, as they came first
 * @property {RegExp} [hint] what the last error says
 * @property {string} [reason] what is behind it
 * @property {'connected' | 'reconnecting' | 'failed'} ends
 * @property {number} connections at most
 */

/** @type {Row[]} */
const rows = [
  { title: 'text that is no JSON', rules: then({ text: '{"op":0,' }), codes: ['peer/bad-frame'], ends: 'connected', connections: 2 },
  { title: 'JSON that is no payload', rules: then({ text: '"hello"' }), codes: ['peer/bad-frame'], ends: 'connected', connections: 2 },
  { title: 'bytes where text is due', rules: then({ hex: '0102030405' }), codes: ['peer/bad-frame'], hint: /came 5 bytes: perhaps the gateway compresses/, ends: 'connected', connections: 2 },
  { title: 'nothing readable, again and again', rules: instead({ text: '{' }), codes: ['peer/bad-frame', 'peer/unexpected', 'peer/protocol'], hint: /Check the URL/, ends: 'failed', connections: 6 },
  { title: 'an unknown opcode', rules: then({ send: { op: 77, d: null } }), codes: ['peer/unknown-type'], ends: 'connected', connections: 1 },
  { title: 'an opcode that is no number', rules: then({ send: { op: 'dispatch', d: null } }), codes: ['peer/unknown-type'], ends: 'connected', connections: 1 },
  { title: 'an event without a name', rules: then({ send: { op: 0, t: null, s: 4, d: {} } }), codes: ['peer/bad-frame'], ends: 'connected', connections: 1 },
  { title: 'a sequence below zero', rules: then({ dispatch: 'X', s: -4 }), codes: ['peer/bad-frame'], ends: 'connected', connections: 1 },
  { title: 'a HELLO without an interval', rules: instead({ send: { op: 10, d: {} } }), codes: ['peer/unexpected', 'peer/protocol'], ends: 'failed', connections: 3 },
  { title: 'a HELLO with an interval of nothing', rules: instead({ hello: { intervalMs: 0 } }), codes: ['peer/unexpected', 'peer/protocol'], ends: 'failed', connections: 3 },
  { title: 'no HELLO', rules: instead(), how: { options: { handshakeTimeoutMs: 1000 } }, codes: ['late/handshake'], ends: 'reconnecting', connections: 3 },
  { title: 'HELLO with an interval of a millisecond', gateway: { heartbeatTimeout: 0 }, rules: instead({ hello: { intervalMs: 1 } }), codes: [], ends: 'connected', connections: 1 },
  { title: 'a READY without a session', rules: [{ on: 'identify', times: 0, instead: true, do: [{ send: { op: 0, t: 'READY', s: 1, d: {} } }] }], codes: ['peer/unexpected', 'peer/protocol'], ends: 'failed', connections: 3 },
  ...['zlib-stream', 'zstd-stream', 'payload'].flatMap((transport) => [
    { title: `${transport}: damaged bytes`, how: { transport }, rules: then({ corrupt: true }), codes: ['peer/bad-frame'], hint: /compressed stream could not be read/, ends: 'connected', connections: 2 },
    { title: `${transport}: a bomb`, how: { transport, options: SMALL }, rules: then({ bomb: BOMB }), codes: ['peer/bad-frame'], hint: /longer than `inflate.maxMessageBytes`/, reason: 'too-large', ends: 'connected', connections: 2 },
  ]),
  { title: 'a zlib message of which a part is missing', how: { transport: 'zlib-stream' }, rules: then({ hex: '0102' }, { dispatch: 'X' }), codes: ['peer/bad-frame'], hint: /compressed stream could not be read/, ends: 'connected', connections: 2 },
  { title: 'a zlib message byte by byte', how: { transport: 'zlib-stream' }, rules: then({ split: 1 }, { dispatch: 'X', d: 'x'.repeat(2000) }, { split: null }), codes: [], ends: 'connected', connections: 1 },
  { title: 'a window that is too large, each time', gateway: { windowLog: 27 }, how: { transport: 'zstd-stream' }, codes: ['peer/bad-frame'], hint: /needs a larger window than `inflate.maxWindowBytes`/, reason: 'window', ends: 'connected', connections: 3 },
  { title: 'ETF: a damaged term', how: { options: { encoding: 'etf' } }, rules: then({ corrupt: true }), codes: ['peer/bad-frame'], hint: /term is not valid/, ends: 'connected', connections: 2 },
  { title: 'ETF: another version', how: { options: { encoding: 'etf' } }, rules: then({ hex: '826a' }), codes: ['peer/bad-frame'], hint: /perhaps the gateway speaks JSON/, reason: 'version', ends: 'connected', connections: 2 },
  { title: 'a wrong token', how: { options: { token: `${TOKEN}-wrong` } }, codes: ['refused/token-invalid'], hint: /does not accept the token/, ends: 'failed', connections: 1 },
  { title: 'a budget that is spent before', gateway: { identifyRemaining: 0 }, how: { info: true }, codes: ['refused/rate-limited'], hint: /the gateway allows 0 more today/, ends: 'failed', connections: 0 },
  { title: 'a budget that is spent by then', gateway: { identifyRemaining: 1 }, how: { info: true }, rules: then({ invalidate: false }), codes: ['lost/reconnect-asked', 'refused/rate-limited'], hint: /until the daily budget is reset/, ends: 'reconnecting', connections: 1 },
  { title: 'a loop of identifies', how: { options: { identify: { spacingMs: 0, perHour: 3 } } }, rules: [{ on: 'identify', times: 0, do: [{ wait: 50 }, { invalidate: false }] }], codes: ['lost/reconnect-asked', 'refused/rate-limited'], hint: /are a loop/, ends: 'reconnecting', connections: 3 },
  { title: 'intents that are not granted', gateway: { allowedIntents: 1 }, how: { options: { intents: 1 << 15 } }, codes: ['refused/disallowed-intents'], hint: /`intents`/, ends: 'failed', connections: 1 },
  { title: 'intents that nobody knows', how: { options: { intents: 1 << 30 } }, codes: ['refused/invalid-intents'], hint: /`intents`/, ends: 'failed', connections: 1 },
  { title: 'too few shards', gateway: { requiredShards: 2 }, codes: ['refused/sharding-required'], hint: /Raise `shards`/, ends: 'failed', connections: 1 },
  { title: 'a shard that nobody knows', rules: then({ close: 4010 }), codes: ['refused/invalid-shard'], hint: /Check `shards`/, ends: 'failed', connections: 1 },
  { title: 'a version that nobody speaks', rules: instead({ close: 4012 }), codes: ['refused/invalid-version'], ends: 'failed', connections: 1 },
  { title: 'a token that was good once', rules: then({ close: 4004 }), codes: ['refused/token-invalid'], ends: 'failed', connections: 1 },
]

describe('tautline/discord and what no gateway should send', { concurrency: 4 }, () => {
  for (const { title, gateway: given = {}, how = {}, rules = [], codes, hint, reason, ends, connections } of rows) {
    test(title, async (t) => {
      const options = { ...QUICK, ...how.options }
      const { gateway, client } = await meet(t, { file: 'tautline', ...tautline }, { heartbeatIntervalMs: 3_600_000, identifySpacingMs: 0, ...given }, { ...how, debug: true, options })
      gateway.on(...rules)
      const problems = () => client.events.flatMap(({ problem }) => (problem ? [problem] : []))
      const status = () => client.events.flatMap(({ status: each }) => each ?? []).at(-1)
      const seen = () => [...new Set(problems().map(({ code }) => code))]
      await client.shown(() => seen().length >= codes.length && status() === ends)
      await sleep(AFTER_MS)
      assert.deepEqual(seen(), codes)
      assert.equal(status(), ends)
      assert.ok(gateway.log.filter(({ kind }) => kind === 'connect').length <= connections, 'a loop')
      const last = problems().at(-1)
      if (hint) assert.match(last.message, hint)
      if (reason) assert.equal(last.reason, reason)
      if (ends === 'connected') {
        gateway.publish(null, 'END', {})
        await client.shown((events) => events.find((event) => event.t === 'END'))
      }
      assert.equal(client.errors, '', 'an unhandled rejection, or a line that nobody asked for')
      assert.ok(!JSON.stringify(client.events).includes(options.token ?? TOKEN), 'a token')
    })
  }
})
