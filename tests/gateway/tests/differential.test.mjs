// The same scripts played to @discordjs/ws and to tautline/discord. What each sends, where it connects, how it closes and what
// its user hears has to be the same; where it is not, the scenario names the lines that differ and says why ours is meant so.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, test } from 'node:test'
import * as discordjs from './clients/discordjs.mjs'
import * as tautline from './clients/tautline.mjs'
import { meet, PATIENCE_MS } from './meet.mjs'
import { INTENTS, TOKEN } from './support.mjs'

const IDLE = { op: 3, d: { since: null, activities: [], status: 'idle', afk: false } }
/** Nobody beats by itself while a test lasts. */
const QUIET = { heartbeatIntervalMs: 3_600_000 }
const PATIENT = { timeoutMs: PATIENCE_MS }
/** Codes after which nobody comes back, and how long that is watched. */
const FATAL = [4004, 4010, 4011, 4012, 4013, 4014]
const STOPPED_MS = 5000

/**
 * @typedef {object} Scenario
 * @property {string} title
 * @property {object} [options] the gateway's
 * @property {object} [how] the client's transport and shards
 * @property {object[]} [rules] the script
 * @property {(met: { gateway: import('../gateway.mjs').Gateway, client: import('./meet.mjs').Client }) => Promise<unknown>} [play]
 *   what else happens; ends when everything has. Without it: until the client is welcome again, or has stopped
 * @property {boolean} [beats] whether heartbeats count; those of one number in a row are one
 * @property {string} [why] the reason of what differs:
 * @property {string[]} [theirs] lines of theirs that ours has not
 * @property {string[]} [ours] lines of ours that theirs has not
 */

/** What stands in a trace after each of the two ways back. */
const RESUMES = ['#2 connects at resume ?encoding=json&v=10', '#2 resume seq=3', 'hears RESUMED 4', 'hears END 5']
const identifies = (connection) => [
  `#${connection} connects at base ?encoding=json&v=10`,
  `#${connection} identify {"intents":${INTENTS},"shard":[0,1],"threshold":50,"compress":false,"presence":null,"token":true}`,
  `#${connection} identified: ok`,
]
const BEGINS = ['hears READY 1', 'hears GUILD_CREATE 2', 'hears GUILD_CREATE 3']

/** @type {Scenario[]} */
const scenarios = [
  ...['json', 'payload', 'zlib-stream'].map((transport) => ({
    title: `${transport}: a first session, two hundred events`,
    how: { transport },
    rules: [{ on: 'identify', do: [{ dispatch: 'COUNT', count: 200 }, { dispatch: 'LONG', d: 'ä'.repeat(90_000) }] }],
    async play({ gateway, client }) {
      await end({ gateway, client })
      await client.shown((events) => events.find(({ t }) => t === 'LONG') && events.filter(({ t }) => t === 'GUILD_CREATE').length === 2)
    },
    ...(transport === 'payload' && { why: 'theirs unpacks each payload on another thread: what is compressed comes late' }),
  })),
  ...['json', 'zlib-stream'].map((transport) => ({
    title: `${transport}: killed twice under load, and resumed`,
    how: { transport },
    rules: [{ on: 'identify', do: [{ dispatch: 'COUNT', count: 50 }] }],
    async play({ gateway, client }) {
      await client.shown((events) => events.filter(({ t }) => t === 'COUNT').length === 50)
      for (const round of [1, 2]) {
        await gateway.do([{ [round === 1 ? 'reset' : 'fin']: true }, { keep: 'MISSED', count: 50 }])
        await client.shown((events) => events.filter(({ t, s }) => t === 'RESUMED' && s !== undefined).length === round)
      }
      await end({ gateway, client })
    },
  })),
  {
    title: 'the first number is zero',
    options: { firstSeq: 0 },
    rules: [{ on: 'identify', do: [{ wait: 200 }, { close: 4000 }] }],
  },
  {
    title: 'numbers that are missing or null',
    rules: [{ on: 'identify', do: [{ wait: 200 }, { dispatch: 'NONE', s: 'missing' }, { dispatch: 'NULL', s: null }, { dispatch: 'ONE' }, { wait: 200 }, { close: 4000 }] }],
  },
  {
    title: 'numbers that come twice, and numbers that are missed',
    rules: [{ on: 'identify', do: [{ dispatch: 'AGAIN', s: 2 }, { dispatch: 'ONE' }, { dispatch: 'LATER', s: 9 }] }],
    play: ({ client }) => client.shown((events) => events.find(({ t }) => t === 'LATER')),
    why: 'an event that was heard is dropped, and a hole is told',
    theirs: ['hears AGAIN 2'],
    ours: ['hears of a gap between 4 and 9'],
  },
  {
    title: 'its own heartbeats: null before the first number, then the last one',
    beats: true,
    options: { heartbeatIntervalMs: 400, heartbeatTimeout: 0 },
    rules: [
      { on: 'identify', instead: true },
      { on: 'heartbeat', do: [{ ready: true }] },
      { on: 'heartbeat', do: [{ dispatch: 'COUNT', count: 10 }] },
      { on: 'heartbeat', do: [{ dispatch: 'LAST' }] },
    ],
    async play({ gateway, client }) {
      await gateway.until({ kind: 'sent', name: 'heartbeat', d: 12 }, PATIENT)
      await end({ gateway, client })
    },
  },
  {
    title: 'a heartbeat that the gateway asks for',
    beats: true,
    rules: [{ on: 'identify', do: [{ dispatch: 'COUNT', count: 10 }, { wait: 200 }, { heartbeat: true }] }],
    async play({ gateway, client }) {
      await gateway.until({ kind: 'sent', name: 'heartbeat' }, PATIENT)
      await end({ gateway, client })
    },
  },
  {
    title: 'a heartbeat that is not answered',
    options: { heartbeatIntervalMs: 500, heartbeatTimeout: 0 },
    rules: [{ on: 'heartbeat', connection: 1, times: 0, instead: true }],
    ...resumable(),
  },
  { title: 'RECONNECT', rules: [{ on: 'identify', do: [{ wait: 200 }, { reconnect: true }] }], ...resumable() },
  {
    title: 'RECONNECT, and then again instead of HELLO',
    rules: [
      { on: 'identify', do: [{ wait: 200 }, { reconnect: true }] },
      { on: 'connect', connection: 2, instead: true, do: [{ wait: 50 }, { reconnect: true }] },
    ],
    play: (met) => welcome(met, 3),
    why: 'theirs forgets that it wanted to resume; for the code see RECONNECT',
    theirs: ['#1 closed by client with 4200', '#2 closed by client with 4200', ...identifies(3).slice(1), ...BEGINS, 'hears END 4'],
    ours: ['#1 closed by client with 4000', '#2 closed by client with 4000', '#3 resume seq=3', 'hears RESUMED 4', 'hears END 5'],
  },
  {
    title: 'INVALID_SESSION that may be resumed',
    rules: [{ on: 'identify', do: [{ wait: 200 }, { invalidate: true }] }],
    why: 'ours resumes on another connection, as the documentation has it: the old one may be what is broken',
    theirs: ['#1 resume seq=3'],
    ours: ['#1 closed by client with 4000', '#2 connects at resume ?encoding=json&v=10', '#2 resume seq=3'],
    play: ({ gateway, client }) => gateway.until({ kind: 'said', t: 'RESUMED' }, PATIENT).then(() => end({ gateway, client })),
  },
  {
    title: 'INVALID_SESSION for good',
    rules: [{ on: 'identify', do: [{ wait: 200 }, { invalidate: false }] }],
    why: 'the session is gone already; any code will do',
    theirs: ['#1 closed by client with 1000'],
    ours: ['#1 closed by client with 4000'],
  },
  {
    title: 'INVALID_SESSION as the answer to RESUME',
    why: 'as above',
    theirs: ['#2 closed by client with 1000'],
    ours: ['#2 closed by client with 4000'],
    rules: [{ on: 'identify', do: [{ wait: 200 }, { forget: true }, { reset: true }] }],
    play: ({ gateway, client }) => gateway.until({ kind: 'said', t: 'READY' }, { times: 2, ...PATIENT }).then(() => end({ gateway, client })),
  },
  ...closes({
    null: {},
    1000: {
      why: 'the session may stand after what a server calls normal: a resume costs nothing, a lost session costs events and an identify',
      theirs: [...identifies(2), ...BEGINS, 'hears END 4'],
      ours: RESUMES,
    },
    1001: {},
    1011: {},
    4000: {},
    4001: {},
    4002: {},
    4003: {},
    4004: {},
    4005: {
      why: 'what was sent twice takes no session away, and the documentation does not say so',
      theirs: [...identifies(2), ...BEGINS, 'hears END 4'],
      ours: RESUMES,
    },
    4006: {
      why: 'the code means that the session is gone: theirs loses a round trip to find out',
      theirs: [...RESUMES.slice(0, 2), '#2 closed by client with 1000', ...identifies(3)],
      ours: identifies(2),
    },
    4007: {},
    4008: {
      why: 'who sent too fast keeps the session: an identify would cost the budget of the day as well',
      theirs: [...identifies(2), ...BEGINS, 'hears END 4'],
      ours: RESUMES,
    },
    4009: {
      why: 'the documentation: reconnect and start a new session',
      theirs: [...RESUMES.slice(0, 2), '#2 closed by client with 1000', ...identifies(3)],
      ours: identifies(2),
    },
    4010: {},
    4011: {},
    4012: {},
    4013: {},
    4014: {},
  }),
  {
    title: 'two shards',
    options: { shards: 2 },
    how: { shards: 2 },
    async play({ gateway, client }) {
      await gateway.until({ kind: 'said', t: 'READY' }, { times: 2, ...PATIENT })
      await client.shown((events) => events.filter(({ t }) => t === 'GUILD_CREATE').length === 2)
    },
  },
  {
    title: 'a command while the session is taken up again',
    rules: [
      { on: 'identify', do: [{ wait: 200 }, { reset: true }] },
      { on: 'connect', connection: 2, instead: true, do: [{ wait: 600 }, { hello: true }] },
    ],
    async play({ gateway, client }) {
      await gateway.until({ kind: 'connect', connection: 2 }, PATIENT)
      client.send(IDLE)
      await welcome({ gateway, client })
      await sleep(1000)
    },
    why: 'theirs waits for a READY that never comes, and so does the caller',
    ours: ['#2 sends presence'],
  },
  {
    title: 'a command that is too large',
    async play({ gateway, client }) {
      await client.shown((events) => events.find(({ t }) => t === 'READY'))
      client.send({ op: 3, d: { text: 'ä'.repeat(2100) } })
      await client.shown(() => client.errors.includes('too-large') || client.events.some(({ t, s }) => t === 'RESUMED' && s))
      await end({ gateway, client })
    },
    why: 'ours is refused before it is sent, and the connection stays',
    theirs: ['#1 sends presence', ...RESUMES],
    ours: ['hears END 4'],
  },
]

describe('the same script for @discordjs/ws and for tautline/discord', { concurrency: 4 }, () => {
  for (const scenario of scenarios) {
    test(scenario.title, async (t) => {
      const { title, theirs = [], ours = [], why } = scenario
      const [reference, own] = await Promise.all([
        trace(t, { file: 'discordjs', ...discordjs }, scenario),
        trace(t, { file: 'tautline', ...tautline }, scenario),
      ])
      assert.deepEqual({ title, theirs: without(reference, own), ours: without(own, reference) }, { title, theirs, ours })
      if (!why) assert.deepEqual(own, reference)
    })
  }
})

/** Ends with an event that the client shows: whatever came before was heard. */
async function end({ gateway, client }) {
  await client.shown((events) => events.find(({ t }) => t === 'READY'))
  gateway.publish(null, 'END', {})
  await client.shown((events) => events.find(({ t }) => t === 'END'))
}

/** Until the client is welcome again, or has stopped for good. */
async function again(met) {
  const { code } = await met.gateway.until({ kind: 'closed', connection: 1 }, PATIENT)
  await (FATAL.includes(code) ? sleep(STOPPED_MS) : welcome(met))
}

/** Until it is, on a later connection. */
async function welcome({ gateway, client }, from = 2) {
  await gateway.until(({ kind, t, connection }) => kind === 'said' && connection >= from && (t === 'READY' || t === 'RESUMED'), PATIENT)
  await end({ gateway, client })
}

/** What an ending that may be resumed looks like from both. */
function resumable() {
  return {
    why: 'any code but 1000 and 1001 keeps the session; each has its own',
    theirs: ['#1 closed by client with 4200'],
    ours: ['#1 closed by client with 4000'],
  }
}

/** A scenario for each close code. */
function closes(rows) {
  return Object.entries(rows).map(([code, row]) => ({
    title: `close code ${code}`,
    rules: [{ on: 'identify', do: [{ wait: 200 }, { close: JSON.parse(code) }] }],
    ...row,
  }))
}

/** Plays the script, and writes down what happened: by connection, then what the user heard. */
async function trace(t, peer, { options, how, rules = [], play = again, beats = false }) {
  const { gateway, client } = await meet(t, peer, { ...QUIET, ...options }, how)
  gateway.on(...rules)
  await play({ gateway, client })
  assert.ok(!client.errors.includes(TOKEN), `a token in: ${client.errors}`)
  const lines = gateway.log.flatMap((entry) => {
    const line = beats || entry.name !== 'heartbeat' ? written(entry) : undefined
    return line ? [{ connection: entry.connection, line: `#${entry.connection} ${line}` }] : []
  })
  // The end of a connection and the beginning of the next may overtake each other.
  lines.sort((a, b) => a.connection - b.connection)
  const heard = client.events.flatMap(({ t: name, s, gap }) => {
    if (gap) return [`hears of a gap between ${gap[0]} and ${gap[1]}`]
    // What a client makes up itself has no number.
    return name === undefined || (name === 'RESUMED' && s === undefined) ? [] : [`hears ${name} ${s ?? 'without a number'}`]
  })
  const sent = lines.map(({ line }) => line)
  return [...sent.filter((line, index) => !(line.includes(' heartbeat ') && line === sent[index - 1])), ...heard]
}

/** A line for what a client did; undefined for what the gateway did. */
function written({ kind, name, d, door, query, code, by }) {
  if (kind === 'connect') return `connects at ${door} ?${new URLSearchParams(Object.entries(query).sort())}`
  if (kind === 'judged') return `identified: ${name}`
  if (kind === 'closed') return by === 'client' ? `closed by client with ${code}` : undefined
  if (kind !== 'sent') return undefined
  if (name === 'heartbeat') return `heartbeat ${d}`
  if (name === 'resume') return `resume seq=${d.seq}`
  if (name !== 'identify') return `sends ${name}`
  const { intents, shard = [0, 1], large_threshold: threshold = 50, compress = false, presence = null } = d
  return `identify ${JSON.stringify({ intents, shard, threshold, compress, presence, token: d.token === TOKEN })}`
}

/** The lines that the other has not, as often as it has not. */
function without(lines, other) {
  const left = [...other]
  return lines.filter((line) => {
    const at = left.indexOf(line)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}
