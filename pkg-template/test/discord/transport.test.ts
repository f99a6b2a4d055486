import { constants, createDeflate, deflateSync } from 'node:zlib'
import { expect, test, vi } from 'vitest'
import { encode } from '../../src/discord/etf.ts'
import { parseGatewayOptions, type GatewayOptions } from '../../src/discord/options.ts'
import { Transport } from '../../src/discord/transport.ts'

const problems: unknown[] = []

async function transportOf(options: Partial<GatewayOptions>): Promise<Transport> {
  problems.length = 0
  const settings = parseGatewayOptions({ url: 'wss://gateway.test', intents: 0, ...options })
  const transport = new Transport(settings, (error) => problems.push(error.code), undefined)
  await transport.prepare()
  return transport
}

/** One zlib context, flushed after each message. */
function stream(): (text: string | Uint8Array) => Promise<ArrayBuffer> {
  const deflate = createDeflate()
  const parts: Buffer[] = []
  deflate.on('data', (part: Buffer) => parts.push(part))
  return (text) =>
    new Promise((resolve) => {
      deflate.write(text)
      deflate.flush(constants.Z_SYNC_FLUSH, () => resolve(buffer(Buffer.concat(parts.splice(0)))))
    })
}

function buffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer
}

test('a stream is asked for by the query, read over any split, and anew for each connection', async () => {
  const transport = await transportOf({ compression: 'zlib-stream' })
  for (let connection = 0; connection < 2; connection++) {
    expect(transport.address('wss://gateway.test/')).toBe('wss://gateway.test/?v=10&encoding=json&compress=zlib-stream')
    const decode = transport.decoder()
    const compress = stream()
    for (const text of ['{"op":10}', '{"op":0,"t":"A","s":1,"d":"ä€😀"}']) {
      const bytes = await compress(text)
      expect(decode?.(bytes.slice(0, 3))).toBeUndefined()
      expect(decode?.(bytes.slice(3))).toBe(text)
    }
  }
})

test('terms become frames, alone and inside a stream', async () => {
  const frame = { op: 0, t: 'A', s: 1, d: { id: '81384788765712384', list: [1, null, true] } }
  const plain = await transportOf({ encoding: 'etf' })
  expect(plain.address('wss://x/')).toContain('encoding=etf')
  expect(plain.decoder()?.(buffer(encode(frame)))).toEqual(frame)
  const packed = await transportOf({ encoding: 'etf', compression: 'zlib-stream' })
  expect(packed.decoder()?.(await stream()(encode(frame)))).toEqual(frame)
})

test('what goes out as a term is measured as one', async () => {
  const transport = await transportOf({ encoding: 'etf' })
  const data = '{"guild_id":"1","query":"ä"}'
  const sent = transport.encode(`{"op":8,"d":${data}}`)
  expect(sent).toBeInstanceOf(Uint8Array)
  expect(transport.measure(data) + '{"op":99,"d":}'.length).toBe(sent.length)
  const text = await transportOf({})
  expect(text.measure('"ä"')).toBe(4)
})

test('compressed payloads stand between plain ones, and no query asks for them', async () => {
  const transport = await transportOf({ compression: 'payload' })
  expect(transport.address('wss://x/?compress=zlib-stream')).not.toContain('compress')
  const decode = transport.decoder()
  expect(decode?.('{"op":11}')).toBe('{"op":11}')
  for (const text of ['{"op":1}', '{"op":10}']) expect(decode?.(buffer(deflateSync(text)))).toBe(text)
})

test('a stream that breaks twice is not asked for again, and the application hears why', async () => {
  const transport = await transportOf({ compression: 'zlib-stream' })
  for (const compressed of [true, true, false]) {
    await transport.prepare()
    expect(transport.address('wss://x/').includes('compress=')).toBe(compressed)
    if (compressed) expect(() => transport.decoder()?.(buffer(new Uint8Array([1, 2, 3, 0, 0, 255, 255])))).toThrow('could not be read')
  }
  expect(problems).toEqual(['peer/bad-frame'])
  expect(transport.decoder()).toBeUndefined()
})

test('a bomb is refused at its limit', async () => {
  const transport = await transportOf({ compression: 'zlib-stream', inflate: { maxMessageBytes: 65_536 } })
  const bomb = await stream()('x'.repeat(1_000_000))
  expect(() => transport.decoder()?.(bomb)).toThrow('too-large')
})

test('bytes where text was agreed on are no frame', async () => {
  const transport = await transportOf({ events: ['A'] })
  expect(() => transport.decoder()?.(new ArrayBuffer(8))).toThrow('Expected text')
})

test('whatever bytes come over whatever transport, they are read or refused with a reason', async () => {
  const { InflateError } = await import('../../src/discord/inflate.ts')
  const { EtfError } = await import('../../src/discord/etf.ts')
  let state = 7
  const next = (below: number): number => (state = (state * 48_271) % 0x7fff_ffff) % below
  const good = await stream()('{"op":0,"t":"A","s":1,"d":"ä€😀"}')
  for (const encoding of ['json', 'etf'] as const) {
    for (const compression of [undefined, 'zlib-stream', 'zstd-stream', 'payload'] as const) {
      if (encoding === 'etf' && compression === 'payload') continue
      for (let run = 0; run < 300; run++) {
        const decode = (await transportOf({ encoding, compression, events: ['A'] })).decoder()
        for (let frame = 0; frame < 4; frame++) {
          const bytes = next(2) ? new Uint8Array(good.slice(0)) : Uint8Array.from({ length: next(80) }, () => next(256))
          for (let damage = next(3); damage > 0; damage--) bytes[next(bytes.length + 1)] = next(256)
          try {
            decode?.(next(20) ? bytes.buffer : '{"op":')
          } catch (error) {
            const known = error instanceof InflateError || error instanceof EtfError || String(error).includes('Expected text')
            expect(known, `${encoding} ${compression}: ${String(error)}`).toBe(true)
          }
        }
      }
    }
  }
})

test('a decoder that does not load leaves the stream uncompressed, and payloads that were announced fail with a reason', async () => {
  vi.resetModules()
  vi.doMock('../../src/discord/inflate.ts', () => ({ loadInflater: () => Promise.reject(new Error('offline')) }))
  const heard: string[] = []
  const { Transport: Fresh } = await import('../../src/discord/transport.ts')
  const make = (compression: 'zlib-stream' | 'payload'): Transport =>
    new Fresh(parseGatewayOptions({ url: 'wss://x', intents: 0, compression }), (error) => heard.push(error.code), undefined)
  const transport = make('zlib-stream')
  await transport.prepare()
  expect([heard, transport.address('wss://x/').includes('compress'), transport.decoder()]).toEqual([['internal/wasm-load'], false, undefined])
  await expect(make('payload').prepare()).rejects.toMatchObject({ code: 'internal/wasm-load' })
  vi.doUnmock('../../src/discord/inflate.ts')
})

test('what compression saved counts whole messages that were read, however they came', async () => {
  const transport = await transportOf({ compression: 'zlib-stream', events: ['A'] })
  const decode = transport.decoder()
  const compress = stream()
  const wanted = `{"t":"A","s":1,"op":0,"d":"${'x'.repeat(500)}"}`
  const bytes = await compress(wanted)
  decode?.(bytes.slice(0, 5))
  expect(decode?.(bytes.slice(5))).toBe(wanted)
  expect(transport.bytesSaved).toBe(wanted.length - bytes.byteLength)
  expect(decode?.(await compress(wanted.replace('"A"', '"B"')))).toEqual({ op: 0, t: 'B', s: 1 })
  expect(transport.bytesSaved).toBe(wanted.length - bytes.byteLength)
})
