// The gateway's own rules, seen by a client that has no opinion.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Bare, TOKEN, start } from './support.mjs'

/** Identified and ready. */
async function ready(url, fields) {
  const bare = new Bare(url)
  await bare.op(10)
  bare.identify(fields)
  await bare.event('READY')
  return bare
}

test('HELLO, IDENTIFY, READY and the guilds come in order and are numbered from one', async (t) => {
  const gateway = await start(t)
  const bare = await ready(gateway.url)
  await bare.until(({ got }) => got.length === 4)
  const [hello, first, ...guilds] = bare.got
  assert.deepEqual([hello.op, hello.d.heartbeat_interval, hello.s, hello.t], [10, 41250, null, null])
  assert.deepEqual([first.op, first.s, first.d.v, first.d.shard], [0, 1, 10, [0, 1]])
  assert.equal(first.d.resume_gateway_url, gateway.resumeUrl)
  assert.deepEqual(guilds.map(({ s, t }) => [s, t]), [[2, 'GUILD_CREATE'], [3, 'GUILD_CREATE']])
})

test('a heartbeat is acknowledged at once, before identifying too', async (t) => {
  const gateway = await start(t)
  const bare = new Bare(gateway.url)
  await bare.op(10)
  bare.send({ op: 1, d: null })
  await bare.op(11)
})

const IDENTIFY = { token: TOKEN, properties: {}, intents: 1 }
/** Code, what is sent, whether after READY, options. */
const ROWS = [
  [4001, { op: 99, d: null }],
  [4002, 'no JSON'],
  [4002, Buffer.from('{"op":1,"d":null}')],
  [4002, { op: 'one', d: null }],
  [4002, { op: 1 }],
  [4002, { op: 1, d: -1 }],
  [4002, { op: 3, d: { status: 'unheard of', activities: [] } }, true],
  [4002, { op: 8, d: { guild_id: '1', query: '', user_ids: ['1'] } }, true],
  [4002, { op: 8, d: { guild_id: '1', user_ids: Array(101).fill('1') } }, true],
  [4002, { op: 1, d: 0, padding: 'é'.repeat(2040) }],
  [4003, { op: 3, d: { status: 'online', activities: [], since: null, afk: false } }],
  [4004, { op: 2, d: { ...IDENTIFY, token: 'wrong' } }],
  [4004, { op: 6, d: { token: 'wrong', session_id: 'x', seq: 1 } }],
  [4005, { op: 2, d: IDENTIFY }, true],
  [4005, { op: 6, d: { token: TOKEN, session_id: 'x', seq: 1 } }, true],
  [4010, { op: 2, d: { ...IDENTIFY, shard: [2, 2] } }],
  [4011, { op: 2, d: IDENTIFY }, false, { requiredShards: 2 }],
  [4013, { op: 2, d: { ...IDENTIFY, intents: 1 << 17 } }],
  [4013, { op: 2, d: { token: TOKEN, properties: {} } }],
  [4014, { op: 2, d: { ...IDENTIFY, intents: 1 << 15 } }, false, { allowedIntents: 0 }],
  [4004, { op: 2, d: IDENTIFY }, false, { identifyRemaining: 0 }],
]
for (const [code, payload, after = false, options = {}] of ROWS) {
  const said = String(payload instanceof Uint8Array ? 'bytes where text is due' : (JSON.stringify(payload) ?? payload)).slice(0, 70)
  test(`${code} for ${said}${after ? ' after READY' : ''}`, async (t) => {
    const gateway = await start(t, options)
    const bare = after ? await ready(gateway.url) : new Bare(gateway.url)
    await bare.op(10)
    bare.send(payload)
    assert.equal(await bare.closed(), code)
  })
}

test('4012 for a version that is not 10, 4002 for an encoding or a compression nobody knows', async (t) => {
  const gateway = await start(t)
  assert.equal(await new Bare(gateway.url, '?v=8&encoding=json').closed(), 4012)
  assert.equal(await new Bare(gateway.url, '?v=10&encoding=xml').closed(), 4002)
  assert.equal(await new Bare(gateway.url, '?v=10&encoding=json&compress=brotli').closed(), 4002)
})

test('exactly 4096 bytes pass, one more does not', async (t) => {
  const gateway = await start(t)
  const bare = await ready(gateway.url)
  const frame = (bytes) => {
    const empty = JSON.stringify({ op: 1, d: 1, p: '' })
    return JSON.stringify({ op: 1, d: 1, p: 'x'.repeat(bytes - empty.length) })
  }
  bare.send(frame(4096))
  await bare.op(11)
  bare.send(frame(4097))
  assert.equal(await bare.closed(), 4002)
})

test('120 payloads in a window pass, the next one is 4008, and the session can be resumed', async (t) => {
  const gateway = await start(t)
  const bare = await ready(gateway.url)
  for (let n = 0; n < 119; n += 1) bare.send({ op: 1, d: 1 })
  await gateway.until({ kind: 'said', op: 11 }, { times: 119 })
  assert.equal(bare.code, undefined)
  bare.send({ op: 1, d: 1 })
  assert.equal(await bare.closed(), 4008)
  const again = new Bare(gateway.resumeUrl)
  await again.op(10)
  again.send({ op: 6, d: { token: TOKEN, session_id: bare.got[1].d.session_id, seq: 3 } })
  await again.event('RESUMED')
})

test('4009 when no heartbeat comes, and the session is gone', async (t) => {
  const gateway = await start(t, { heartbeatIntervalMs: 200 })
  const bare = await ready(gateway.url)
  assert.equal(await bare.closed(), 4009)
  const again = new Bare(gateway.resumeUrl)
  await again.op(10)
  again.send({ op: 6, d: { token: TOKEN, session_id: bare.got[1].d.session_id, seq: 1 } })
  assert.equal((await again.op(9)).d, false)
})

test('a lost session is replayed in order, with what happened meanwhile, then RESUMED', async (t) => {
  const gateway = await start(t, { firstSeq: 0 })
  gateway.on({ on: 'identify', do: [{ dispatch: 'A', count: 3 }, { reset: true }] })
  const bare = new Bare(gateway.url)
  await bare.op(10)
  bare.identify({ intents: 0 })
  assert.equal(await bare.closed(), 1006)
  assert.equal(bare.got[1].s, 0)
  gateway.publish('197038439483310086', 'B', { while: 'away' })
  const again = new Bare(gateway.resumeUrl)
  await again.op(10)
  again.send({ op: 6, d: { token: TOKEN, session_id: [...gateway.sessions.all][0].id, seq: 0 } })
  await again.event('RESUMED')
  assert.deepEqual(again.got.slice(1).map(({ t, s }) => [t, s]), [['A', 1], ['A', 2], ['A', 3], ['B', 4], ['RESUMED', 5]])
})

test('a seq from the future is 4007, a session nobody knows is op 9 false', async (t) => {
  const gateway = await start(t)
  const bare = await ready(gateway.url)
  bare.terminate()
  const ahead = new Bare(gateway.resumeUrl)
  await ahead.op(10)
  ahead.send({ op: 6, d: { token: TOKEN, session_id: bare.got[1].d.session_id, seq: 99 } })
  assert.equal(await ahead.closed(), 4007)
  const unknown = new Bare(gateway.resumeUrl)
  await unknown.op(10)
  unknown.send({ op: 6, d: { token: TOKEN, session_id: 'unheard of', seq: 1 } })
  assert.equal((await unknown.op(9)).d, false)
})

test('a goodbye with 1000 ends the session, one with 4000 keeps it, age ends it too', async (t) => {
  const gateway = await start(t, { identifySpacingMs: 0, sessionLifetimeMs: 60_000 })
  for (const [code, resumable] of [[1000, false], [4000, true]]) {
    const bare = await ready(gateway.url)
    const { session_id } = bare.got[1].d
    await bare.close(code)
    await gateway.until((entry) => entry.kind === 'closed' && entry.code === code)
    const again = new Bare(gateway.resumeUrl)
    await again.op(10)
    again.send({ op: 6, d: { token: TOKEN, session_id, seq: 1 } })
    assert.equal(await again.until(({ got }) => got.find(({ op, t }) => op === 9 || t === 'RESUMED')).then(({ t }) => t), resumable ? 'RESUMED' : null)
    again.terminate()
  }
  await gateway.until({ kind: 'closed' }, { times: 4 })
  const [{ id, lostAt }] = gateway.sessions.all
  assert.ok(gateway.sessions.find(id, lostAt + 60_000))
  assert.equal(gateway.sessions.find(id, lostAt + 60_001), undefined)
})

test('a second identify of a bucket within the spacing is op 9 false, one of another bucket is not', async (t) => {
  const gateway = await start(t, { maxConcurrency: 2 })
  await ready(gateway.url, { shard: [0, 4] })
  await ready(gateway.url, { shard: [1, 4] })
  const early = new Bare(gateway.url)
  await early.op(10)
  early.identify({ shard: [2, 4] })
  assert.equal((await early.op(9)).d, false)
  assert.equal(gateway.info.session_start_limit.remaining, 997)
  assert.deepEqual(gateway.log.filter(({ kind }) => kind === 'judged').map(({ name, bucket }) => [name, bucket]), [['ok', 0], ['ok', 1], ['early', 0]])
})

test('the last identify of the budget passes, the next one revokes the token for everybody', async (t) => {
  const gateway = await start(t, { identifyRemaining: 1, identifySpacingMs: 0 })
  const first = await ready(gateway.url)
  const second = new Bare(gateway.url)
  await second.op(10)
  second.identify()
  assert.deepEqual(await Promise.all([first.closed(), second.closed()]), [4004, 4004])
  assert.equal((await fetch(`${gateway.api}/gateway/bot`, { headers: { authorization: `Bot ${TOKEN}` } })).status, 401)
})

test('what is published to a guild reaches the shard that 64-bit maths says, and no other', async (t) => {
  const guilds = ['197038439483310086', '41771983423143937', '613425648685547541']
  const gateway = await start(t, { maxConcurrency: 2, guilds })
  const shards = [await ready(gateway.url, { shard: [0, 2] }), await ready(gateway.url, { shard: [1, 2] })]
  for (const guild of guilds) gateway.publish(guild, 'PING', { guild })
  gateway.publish(null, 'PRIVATE', {})
  await shards[0].event('PRIVATE')
  const heard = shards.map(({ got }) => got.filter(({ t }) => t === 'PING').map(({ d }) => d.guild))
  // Worked out by hand: 197038439483310086 / 2^22 is odd, 41771983423143937 / 2^22 is even, and so on.
  assert.deepEqual(heard, [guilds.filter((id) => (BigInt(id) >> 22n) % 2n === 0n), guilds.filter((id) => (BigInt(id) >> 22n) % 2n === 1n)])
  assert.deepEqual(shards.map(({ got }) => got[1].d.guilds.length), heard.map(({ length }) => length))
})

test('members come in chunks with the nonce, and all of them once per 30 seconds', async (t) => {
  const gateway = await start(t, { members: 2500 })
  const bare = await ready(gateway.url)
  bare.send({ op: 8, d: { guild_id: '41771983423143937', query: '', limit: 0, nonce: 'n1', presences: true } })
  const chunks = await bare.until(({ got }) => (got.filter(({ t }) => t === 'GUILD_MEMBERS_CHUNK').length === 3 ? got.slice(-3).map(({ d }) => d) : undefined))
  assert.deepEqual(chunks.map(({ chunk_index, chunk_count, nonce, members, presences }) => [chunk_index, chunk_count, nonce, members.length, presences.length]), [[0, 3, 'n1', 1000, 1000], [1, 3, 'n1', 1000, 1000], [2, 3, 'n1', 500, 500]])
  bare.send({ op: 8, d: { guild_id: '41771983423143937', query: '', limit: 0, nonce: 'n2' } })
  const { d } = await bare.event('RATE_LIMITED')
  assert.deepEqual([d.opcode, d.meta], [8, { guild_id: '41771983423143937', nonce: 'n2' }])
  assert.ok(d.retry_after > 25 && d.retry_after <= 30)
  bare.send({ op: 8, d: { guild_id: '197038439483310086', user_ids: [chunks[0].members[1].user.id, '1'], nonce: 'x'.repeat(33) } })
  const last = await bare.until(({ got }) => got.find(({ d }) => d?.not_found)?.d)
  assert.deepEqual([last.members.length, last.not_found, last.nonce], [1, ['1'], undefined])
})

test('voice states, soundboard sounds and channel info are answered', async (t) => {
  const gateway = await start(t)
  const bare = await ready(gateway.url)
  bare.send({ op: 4, d: { guild_id: '41771983423143937', channel_id: '7', self_mute: true, self_deaf: false } })
  assert.equal((await bare.event('VOICE_STATE_UPDATE')).d.self_mute, true)
  await bare.event('VOICE_SERVER_UPDATE')
  bare.send({ op: 31, d: { guild_ids: ['1', '2'] } })
  await bare.until(({ got }) => got.filter(({ t }) => t === 'SOUNDBOARD_SOUNDS').length === 2)
  bare.send({ op: 43, d: { guild_id: '41771983423143937', fields: ['status'] } })
  assert.deepEqual((await bare.event('CHANNEL_INFO')).d.channels, [{ id: '41771983423143937', status: 'in a call' }])
})

test('it asks for a heartbeat by itself when told to', async (t) => {
  const gateway = await start(t, { heartbeatIntervalMs: 200, serverHeartbeats: true, heartbeatTimeout: 0 })
  const bare = await ready(gateway.url)
  await bare.op(1)
})

test('the chat dialect welcomes with a shard, beats in both directions, hands events on and reports errors as events', async (t) => {
  const gateway = await start(t, { dialect: 'chat', shards: 2, heartbeatIntervalMs: 200, serverHeartbeats: true })
  const type = (bare, name) => bare.until(({ got }) => got.find((event) => event.type === name))
  const one = new Bare(gateway.url, '')
  const two = new Bare(gateway.url, '')
  const [first, second] = [await type(one, 'CONNECTION_ESTABLISHED'), await type(two, 'CONNECTION_ESTABLISHED')]
  assert.deepEqual([first.payload.shardId, second.payload.shardId].sort(), [0, 1])
  assert.deepEqual([first.payload.totalShards, first.payload.heartbeatInterval], [2, 200])
  assert.equal((await type(one, 'HEARTBEAT')).payload.ack, undefined)
  one.send({ type: 'HEARTBEAT', payload: {} })
  await one.until(({ got }) => got.find(({ payload }) => payload.ack))
  one.send({ type: 'MESSAGE_SENT', payload: { text: 'hi' } })
  assert.deepEqual((await type(two, 'MESSAGE_SENT')).payload, { text: 'hi' })
  one.send('no JSON')
  assert.equal((await type(one, 'ERROR')).payload.code, 'INVALID_JSON')
  assert.equal(await two.closed(), 4009)
})
