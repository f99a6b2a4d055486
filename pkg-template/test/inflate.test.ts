import { readFileSync } from 'node:fs'
import { constants, createDeflate, deflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { type Compression, InflateError, type Inflater, inflateReasons, type InflateReason, loadInflater } from '../src/discord/inflate.ts'

const hello = '{"op":10,"d":{"heartbeat_interval":41250,"name":"naïve 🙂"}}'

/** A whole frame of three of them, made by the official tool. */
const zstdFrame = 'KLUv/SC9RQIA9AN7Im9wIjoxMCwiZCI6eyJoZWFydGJlYXRfaW50ZXJ2YWwiOjQxMjUwLCJuYW1lIjoibmHDr3ZlIPCfmYIifX0BAL+FNEAB'

const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'))

/** The head of a frame with a window of 256 kB that never ends, and a block as it is. */
const head = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x40]
const block = (text: string): number[] => {
  const bytes = new TextEncoder().encode(text)
  return [(bytes.length << 3) & 255, bytes.length >> 5, bytes.length >> 13, ...bytes]
}

/** Each message with its flush, by one encoder. */
async function zlibFrames(messages: readonly string[]): Promise<Uint8Array[]> {
  const deflate = createDeflate()
  const frames: Uint8Array[] = []
  let parts: Uint8Array[] = []
  deflate.on('data', (part: Uint8Array) => parts.push(part))
  for (const message of messages) {
    parts = []
    deflate.write(message)
    await new Promise<void>((done) => deflate.flush(constants.Z_SYNC_FLUSH, () => done()))
    frames.push(new Uint8Array(Buffer.concat(parts)))
  }
  return frames
}

function reasonOf(work: () => unknown): InflateReason | undefined {
  try {
    work()
  } catch (error) {
    if (error instanceof InflateError) return error.reason
    throw error
  }
  return undefined
}

async function context(compression: Compression, maxMessageBytes?: number): Promise<Inflater> {
  const create = await loadInflater(compression)
  return create(maxMessageBytes === undefined ? {} : { maxMessageBytes })
}

test('the numbers of faults are the same on both sides of the door', () => {
  const rust = readFileSync(new URL('../../inflate/src/fault.rs', import.meta.url), 'utf8')
  const faults = [...rust.matchAll(/^ {4}([A-Z]\w+) = (\d+),$/gm)].map(([, name = '', number]) => {
    return [Number(number), name.replace(/(?!^)[A-Z]/g, '-$&').toLowerCase()]
  })
  // What comes after them is known to JavaScript alone.
  expect(inflateReasons.map((reason, index) => [index + 1, reason])).toEqual([...faults, [10, 'text'], [11, 'internal']])
})

test.each(['zlib', 'zstd'])('%s: a HELLO as the real gateway sent it is read', async (kind) => {
  const read = (name: string): Buffer => readFileSync(new URL(`../../inflate/tests/vectors/${name}`, import.meta.url))
  const inflater = await context(`${kind}-stream` as Compression)
  expect(inflater.text(new Uint8Array(read(`hello-${kind}.bin`)))).toBe(String(read(`hello-${kind}.json`)))
})

test('a zlib stream gives each message when its flush is there', async () => {
  const messages = Array.from({ length: 30 }, (_, index) => `${hello}${'x'.repeat(index ** 3)}`)
  const inflater = await context('zlib-stream')
  for (const [index, frame] of (await zlibFrames(messages)).entries()) {
    const cut = index % frame.length
    const first = cut > 0 ? inflater.text(frame.subarray(0, cut)) : undefined
    expect([first, inflater.text(frame.subarray(cut))]).toEqual([undefined, messages[index]])
  }
})

test('a frame longer than the decoder takes at a time is read in parts', async () => {
  let state = 1
  const letter = (): string => String.fromCharCode(33 + ((state = (state * 48_271) % 0x7fff_ffff) >> 8) % 90)
  const noise = Array.from({ length: 300_000 }, letter).join('')
  const [frame] = await zlibFrames([noise])
  expect(frame!.length).toBeGreaterThan(65_536)
  expect((await context('zlib-stream')).text(frame!)).toBe(noise)
})

test('a zstd stream gives each message with its frame', async () => {
  const inflater = await context('zstd-stream')
  expect(inflater.text(new Uint8Array([...head, ...block(hello)]))).toBe(hello)
  for (let index = 0; index < 400; index++) expect(inflater.text(new Uint8Array(block(hello.repeat(9))))).toBe(hello.repeat(9))
  expect((await context('zstd-stream')).text(bytesOf(zstdFrame))).toBe(hello.repeat(3))
})

test('each payload is a stream of its own', async () => {
  const inflater = await context('zlib')
  for (let index = 0; index < 3; index++) expect(inflater.text(new Uint8Array(deflateSync(hello)))).toBe(hello)
  expect(reasonOf(() => inflater.text(new Uint8Array(deflateSync(hello)).subarray(0, 20)))).toBe('truncated')
})

test('bytes come out as they are, and text only when it is UTF-8', async () => {
  const broken = new Uint8Array(deflateSync(Buffer.from([131, 255, 0])))
  expect((await context('zlib')).bytes(broken)).toEqual(new Uint8Array([131, 255, 0]))
  const inflater = await context('zlib')
  expect(reasonOf(() => inflater.text(broken))).toBe('text')
  expect(reasonOf(() => inflater.text(new Uint8Array(deflateSync('fine'))))).toBe('text')
})

test('every fault has its reason', async () => {
  const zlib = await context('zlib-stream', 1000)
  const zstd = await context('zstd-stream')
  const cases: [InflateReason, Inflater, Uint8Array][] = [
    ['not-compressed', await context('zlib-stream'), new TextEncoder().encode(hello)],
    ['not-compressed', await context('zstd-stream'), new TextEncoder().encode(hello)],
    ['corrupt', await context('zlib-stream'), new Uint8Array([0x78, 0x9c, 7])],
    ['checksum', await context('zlib'), new Uint8Array(deflateSync(hello)).map((byte, at, all) => (at === all.length - 1 ? byte ^ 1 : byte))],
    ['too-large', zlib, (await zlibFrames(['0'.repeat(5_000_000)]))[0]!],
    ['window', zstd, new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0x00, 31 << 3])],
    ['dictionary', await context('zlib-stream'), new Uint8Array([0x78, 0xbb, 1, 2, 3, 4])],
    ['ended', await context('zlib'), new Uint8Array([...deflateSync(hello), 0])],
  ]
  for (const [reason, inflater, frame] of cases) {
    expect(reasonOf(() => inflater.text(frame))).toBe(reason)
    expect(reasonOf(() => inflater.text(new Uint8Array()))).toBe(reason)
  }
})

test('two contexts know nothing of each other', async () => {
  const create = await loadInflater('zlib-stream')
  const [one, two] = [create(), create()]
  const frames = await zlibFrames([hello, hello])
  expect(one.text(frames[0]!)).toBe(hello)
  expect(reasonOf(() => two.text(frames[1]!))).toBe('not-compressed')
  expect(one.text(frames[1]!)).toBe(hello)
})
