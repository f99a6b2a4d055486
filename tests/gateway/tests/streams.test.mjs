// What leaves the gateway as bytes: read back by Node's zlib, by fzstd, and by clients of others in clients.test.mjs.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { constants, inflateSync } from 'node:zlib'
import { Decompress } from 'fzstd'
import { compressor } from '../compression.mjs'
import { decodeEtf, encodeEtf } from '../etf.mjs'
import { Bare, start } from './support.mjs'
import { HELLO_ZLIB, HELLO_ZSTD } from './vectors.mjs'

const text = (n) => JSON.stringify({ op: 0, t: 'MESSAGE_CREATE', s: n, d: { content: `number ${n} `.repeat(n % 40) } })

/** All bytes so far, inflated without an end. */
const inflated = (parts) => String(inflateSync(Buffer.concat(parts), { finishFlush: constants.Z_SYNC_FLUSH }))

/** A decoder that lives as long as its connection. */
function unzstd() {
  let out = []
  const stream = new Decompress((chunk) => out.push(Buffer.from(chunk)))
  return (bytes) => {
    out = []
    stream.push(new Uint8Array(bytes))
    return Buffer.concat(out)
  }
}

test('the two genuine HELLO frames decode with what the tests decode with', () => {
  assert.equal(inflated([HELLO_ZLIB.bytes]), HELLO_ZLIB.text)
  assert.equal(String(unzstd()(HELLO_ZSTD.bytes)), HELLO_ZSTD.text)
  assert.deepEqual([...HELLO_ZLIB.bytes.subarray(-4)], [0, 0, 255, 255])
  // Magic, no flags, a window of 256 KiB, and one block that is not the last.
  assert.deepEqual([...HELLO_ZSTD.bytes.subarray(0, 6)], [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x40])
  assert.equal(HELLO_ZSTD.bytes[6] & 1, 0)
})

test('zlib-stream: every message ends with the flush mark and uses what came before', async () => {
  const stream = await compressor('zlib-stream', {})
  const parts = Array.from({ length: 300 }, (_, n) => stream.compress(Buffer.from(text(n))))
  for (const part of parts) assert.deepEqual([...part.subarray(-4)], [0, 0, 255, 255])
  assert.equal(inflated(parts), Array.from({ length: 300 }, (_, n) => text(n)).join(''))
  assert.ok(parts[200].length < 60, `${parts[200].length}`)
})

test('zstd-stream: one endless frame, every message complete by itself, also beyond one block', async () => {
  const stream = await compressor('zstd-stream', {})
  const read = unzstd()
  const long = 'Zoë'.repeat(100_000) + Array.from({ length: 20_000 }, (_, n) => n.toString(36)).join()
  const messages = [...Array.from({ length: 300 }, (_, n) => text(n)), long, text(1)]
  const parts = messages.map((message) => stream.compress(Buffer.from(message)))
  assert.deepEqual(parts.map((part) => String(read(part))), messages)
  assert.ok(parts.slice(1).every((part) => part.readUInt32LE(0) !== 0xfd2fb528))
  stream.free()
  // The instance is lent again: a new connection starts a new frame.
  const next = await compressor('zstd-stream', { windowLog: 31 })
  const first = next.compress(Buffer.from('{}'))
  assert.equal(first.readUInt32LE(0), 0xfd2fb528)
  assert.equal(10 + (first[5] >> 3), 31)
  next.free()
})

test('two zstd connections at once do not share a context', async () => {
  const [one, two] = [await compressor('zstd-stream', {}), await compressor('zstd-stream', {})]
  const [readOne, readTwo] = [unzstd(), unzstd()]
  for (let n = 0; n < 20; n += 1) {
    assert.equal(String(readOne(one.compress(Buffer.from(text(n))))), text(n))
    assert.equal(String(readTwo(two.compress(Buffer.from(text(n + 7))))), text(n + 7))
  }
  one.free()
  two.free()
})

test('ETF: the bytes are those of the format, and what went in comes out', () => {
  const hex = (value) => encodeEtf(value).toString('hex')
  assert.equal(hex({ op: 1, d: null }), '8374000000026d000000026f7061016d00000001646400036e696c')
  assert.equal(hex(41250), '83620000a122')
  assert.equal(hex(-1), '8362ffffffff')
  assert.equal(hex(1.5), '83463ff8000000000000')
  assert.equal(hex([]), '836a')
  assert.equal(hex([true]), '836c00000001640004747275656a')
  assert.equal(hex(197038439483310086n), '836e0800060080b06a05bc02')
  const value = { text: 'Zoë 🜁', list: [1, -2, 300, [], {}], float: 0.25, yes: true, no: false, none: null, large: 2 ** 40 }
  assert.deepEqual(decodeEtf(encodeEtf(value)), value)
  assert.equal(decodeEtf(encodeEtf(197038439483310086n)), '197038439483310086')
})

test('ETF: atoms as keys, a cut term, bytes behind it and unknown tags are refused', () => {
  for (const hex of ['83740000000164000261616101', '836d00000005aabb', '83610100', '83ff', '82', '836c000000016101', '']) {
    assert.throws(() => decodeEtf(Buffer.from(hex, 'hex')), hex)
  }
})

test('ETF: the gateway sends ids as 64-bit integers, and refuses text and atoms as keys with 4002', async (t) => {
  const gateway = await start(t)
  const query = '?v=10&encoding=etf'
  const bare = new Bare(gateway.url, query, decodeEtf)
  await bare.op(10)
  bare.send(encodeEtf({ op: 2, d: { token: 'a-token-of-tests', properties: {}, intents: 0 } }))
  await bare.event('READY')
  assert.ok(bare.raw[1].includes(encodeEtf(80351110224678912n).subarray(1)))
  for (const wrong of ['{"op":1,"d":null}', Buffer.from('8374000000016400026f706101', 'hex')]) {
    const other = new Bare(gateway.url, query, decodeEtf)
    await other.op(10)
    other.send(wrong)
    assert.equal(await other.closed(), 4002)
  }
})

test('payload compression: long payloads are zlib streams of their own as bytes, short ones stay text', async (t) => {
  const gateway = await start(t)
  const bare = new Bare(gateway.url, undefined, (bytes, isBinary) => ({ ...JSON.parse(String(isBinary ? inflateSync(bytes) : bytes)), isBinary }))
  await bare.op(10)
  bare.identify({ compress: true })
  await bare.event('READY')
  bare.send({ op: 1, d: 1 })
  const ack = await bare.op(11)
  assert.deepEqual(bare.got.map(({ s }) => s), [null, 1, 2, 3, null])
  assert.deepEqual([bare.got[0].isBinary, (await bare.event('READY')).isBinary, ack.isBinary], [false, true, false])
})
