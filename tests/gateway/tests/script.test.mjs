// Scripts: rules, actions and faults, in process and over HTTP.
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { Decompress } from 'fzstd'
import { WebSocket } from 'ws'
import { control } from '../control.mjs'
import { Bare, TOKEN, start } from './support.mjs'

const raw = (url, query) => new Bare(url, query, (bytes) => bytes)

test('a rule applies once, `times` often, or always with 0; one that ends goes first', async (t) => {
  const gateway = await start(t)
  gateway.on({ on: 'heartbeat', times: 0, instead: true, do: [{ send: { op: 11, d: 'always' } }] }, { on: 'heartbeat', times: 2, instead: true, do: [{ send: { op: 11, d: 'twice' } }] })
  const bare = new Bare(gateway.url)
  await bare.op(10)
  for (let n = 0; n < 4; n += 1) bare.send({ op: 1, d: null })
  await bare.until(({ got }) => got.length === 5)
  assert.deepEqual(bare.got.slice(1).map(({ d }) => d), ['twice', 'twice', 'always', 'always'])
})

test('what a rule expects and does not get is a mismatch, a rule that never applied is unspent', async (t) => {
  const gateway = await start(t)
  gateway.on({ on: 'identify', expect: { token: TOKEN, intents: 7 } }, { on: 'resume' }, { on: 'presence', where: { status: 'idle' } })
  const bare = new Bare(gateway.url)
  await bare.op(10)
  bare.identify({ intents: 1 })
  await bare.event('READY')
  bare.send({ op: 3, d: { status: 'online', activities: [] } })
  await gateway.until({ kind: 'sent', name: 'presence' })
  assert.deepEqual(gateway.script.mismatches, [{ connection: 1, on: 'identify', expected: { intents: 7 }, got: { intents: 1 } }])
  assert.deepEqual(gateway.script.unspent.map(({ on }) => on), ['resume', 'presence'])
})

test('numbers as the script wants them: repeated, skipped, null, missing', async (t) => {
  const gateway = await start(t)
  gateway.on({ on: 'identify', do: [{ dispatch: 'A', s: 2 }, { dispatch: 'B', s: 99 }, { dispatch: 'C', s: null }, { dispatch: 'D', s: 'missing' }, { dispatch: 'E' }] })
  const bare = new Bare(gateway.url)
  await bare.op(10)
  bare.identify({ intents: 0 })
  await bare.event('E')
  assert.deepEqual(bare.got.slice(2).map(({ t, s }) => [t, s]), [['A', 2], ['B', 99], ['C', null], ['D', undefined], ['E', 2]])
})

test('HELLO late, wrong, after RECONNECT or not at all', async (t) => {
  const gateway = await start(t)
  gateway.on(
    { on: 'connect', connection: 1, instead: true, do: [{ reconnect: true }, { wait: 5 }, { hello: { intervalMs: 'soon' } }] },
    { on: 'connect', connection: 2, instead: true, do: [{ text: 'no JSON' }, { hex: '00ff' }, { send: null }, { send: { op: 77, d: [] } }] },
  )
  const one = new Bare(gateway.url)
  assert.deepEqual((await one.op(10)).d.heartbeat_interval, 'soon')
  assert.equal(one.got[0].op, 7)
  const two = raw(gateway.url)
  await two.until(({ got }) => got.length === 4)
  assert.deepEqual(two.got.map(String), ['no JSON', '\0\ufffd', 'null', '{"op":77,"d":[]}'])
})

test('RST, FIN and a close without a code look to a client as they do on a real network', async (t) => {
  const gateway = await start(t)
  for (const [action, code] of [[{ reset: true }, 1006], [{ fin: true }, 1006], [{ close: null }, 1005], [{ close: 4000, reason: 'because' }, 4000], [{ close: 1001 }, 1001]]) {
    const bare = new Bare(gateway.url)
    await bare.op(10)
    await gateway.do([action])
    assert.equal(await bare.closed(), code)
  }
})

test('mute is a dead peer: no ack, no answer to the goodbye, until it lives again', async (t) => {
  const gateway = await start(t)
  const bare = new Bare(gateway.url)
  await bare.op(10)
  await gateway.do([{ mute: true }])
  bare.send({ op: 1, d: null })
  const other = new Bare(gateway.url)
  await other.op(10)
  assert.equal(gateway.sent('heartbeat').length, 0)
  await gateway.do([{ mute: false }], 1)
  await bare.op(11)
})

test('a door that refuses, with an HTTP status, by hanging or altogether, and is open again', async (t) => {
  const gateway = await start(t)
  const attempt = () => new Promise((resolve) => {
    const ws = new WebSocket(`${gateway.url}/?v=10&encoding=json`, { handshakeTimeout: 150 })
    ws.on('open', () => resolve('open'))
    ws.on('error', (error) => resolve(error.message))
  })
  await gateway.refuse(503)
  assert.match(await attempt(), /503/)
  await gateway.refuse('hang')
  assert.match(await attempt(), /timed out/)
  await gateway.refuse(true, 'base')
  assert.match(await attempt(), /ECONNREFUSED/)
  await gateway.refuse(false)
  assert.equal(await attempt(), 'open')
  const free = connect({ host: '127.0.0.1', port: Number(new URL(gateway.resumeUrl).port) })
  await new Promise((resolve) => free.on('connect', resolve))
  free.destroy()
})

for (const compress of ['zlib-stream', 'zstd-stream']) {
  test(`${compress}: damaged bytes, and a bomb that is small on the wire`, async (t) => {
    const gateway = await start(t)
    const bare = raw(gateway.url, `?v=10&encoding=json&compress=${compress}`)
    await bare.until(({ got }) => got.length === 1)
    await gateway.do([{ bomb: 16_000_000 }])
    const bomb = await bare.until(({ got }) => got[1])
    assert.ok(bomb.length < 100_000, `${bomb.length}`)
    await gateway.do([{ corrupt: true }])
    const corrupt = await bare.until(({ got }) => got[2])
    if (compress === 'zlib-stream') assert.deepEqual([...corrupt.subarray(-4)], [0, 0, 255, 255])
    else {
      const stream = new Decompress(() => {})
      stream.push(new Uint8Array(bare.got[0]))
      assert.throws(() => stream.push(new Uint8Array(corrupt)))
    }
  })
}

test('a window that nobody should accept is claimed from the first frame on', async (t) => {
  const gateway = await start(t, { windowLog: 31 })
  const bare = raw(gateway.url, '?v=10&encoding=json&compress=zstd-stream')
  const hello = await bare.until(({ got }) => got[0])
  assert.equal(hello[5], (31 - 10) << 3)
})

test('one message cut byte by byte, at given sizes, and whole again', async (t) => {
  const gateway = await start(t)
  const bare = raw(gateway.url, '?v=10&encoding=json&compress=zlib-stream')
  await bare.until(({ got }) => got.length === 1)
  await gateway.do([{ split: [1, 2] }, { heartbeat: true }, { split: 1 }, { heartbeat: true }, { split: null }, { heartbeat: true }])
  await bare.until(({ got }) => got.at(-1).length > 4)
  await bare.until(({ got }) => got.length > 4 && got.at(-1).length > 1 && got.at(-1).subarray(-4).equals(Buffer.from([0, 0, 255, 255])) && got.length > 8)
  assert.deepEqual(bare.got.slice(1, 3).map(({ length }) => length), [1, 2])
  assert.ok(bare.got.slice(4, -1).every(({ length }) => length === 1))
})

test('another process commands it over HTTP, from any origin', async (t) => {
  const gateway = await start(t)
  const commands = await control(gateway)
  t.after(() => commands.close())
  const order = async (path, body) => {
    const response = await fetch(commands.url + path, { method: 'POST', body: JSON.stringify(body), headers: { origin: 'http://elsewhere.invalid' } })
    assert.equal(response.headers.get('access-control-allow-origin'), '*')
    return { status: response.status, body: await response.json() }
  }
  await order('/on', [{ on: 'identify', do: [{ dispatch: 'HI' }] }])
  const { body } = await order('/state', {})
  assert.deepEqual([body.url, body.unspent.length], [gateway.url, 1])
  const bare = new Bare(body.url)
  await bare.op(10)
  bare.identify()
  await bare.event('HI')
  await order('/publish', { guild: null, t: 'NOTE', d: 1 })
  await bare.event('NOTE')
  assert.equal((await order('/until', { wanted: { kind: 'sent', name: 'identify' } })).body.name, 'identify')
  assert.ok((await order('/log')).body.length > 3)
  await order('/do', { actions: [{ close: 4000 }] })
  assert.equal(await bare.closed(), 4000)
  assert.equal((await order('/until', { wanted: { kind: 'never' }, timeoutMs: 10 })).status, 400)
  assert.equal((await order('/unheard', {})).status, 404)
  assert.equal((await order('/do', { actions: [{ unheard: true }] })).status, 400)
})
