import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import { decode, encode, EtfError, type EtfReason } from '../src/discord/etf.ts'

const bytes = (...parts: (number | string)[]): Uint8Array =>
  new Uint8Array(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...new TextEncoder().encode(part)])))

function reasonOf(work: () => unknown): EtfReason | undefined {
  try {
    work()
  } catch (error) {
    if (error instanceof EtfError) return error.reason
    throw error
  }
  return undefined
}

/** Numbers that look random, the same each time. */
function random(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

const KEYS = ['id', 't', 'op', '__proto__', 'constructor', 'naïve', '', 'a'.repeat(40)]
const LEAVES = [null, true, false, 0, 255, 256, -1, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 2 ** 53 - 1, 1 - 2 ** 53, 0.5, 1e300, -0, '', 'text', 'ñ', '🙂'.repeat(30)]

function value(next: (below: number) => number, depth: number): unknown {
  const kind = depth === 0 ? 0 : next(4)
  if (kind < 2) return LEAVES[next(LEAVES.length)]
  if (kind === 2) return Array.from({ length: next(5) }, () => value(next, depth - 1))
  return Object.fromEntries(Array.from({ length: next(5) }, () => [KEYS[next(KEYS.length)], value(next, depth - 1)]))
}

test('what was written is read as it was', () => {
  for (let seed = 1; seed < 2000; seed++) {
    const before = value(random(seed * 7919), 5)
    expect(isDeepStrictEqual(decode(encode(before)), before), `seed ${seed}`).toBe(true)
  }
})

test('whole numbers of 64 bits are exact', () => {
  const id = 1_234_567_890_123_456_789n
  expect(decode(encode(id))).toBe('1234567890123456789')
  expect(decode(encode(id), { large: 'bigint' })).toBe(id)
  expect(decode(encode(-(2n ** 64n - 1n)), { large: 'bigint' })).toBe(-(2n ** 64n - 1n))
  expect(decode(encode(2n ** 53n))).toBe('9007199254740992')
  expect(decode(encode(2n ** 53n - 1n))).toBe(2 ** 53 - 1)
  expect(reasonOf(() => encode(2n ** 64n))).toBe('number')
  expect(reasonOf(() => decode(bytes(131, 110, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)))).toBe('number')
})

test('what Erlang writes is read', () => {
  const hello = bytes(131, 116, 0, 0, 0, 4, 100, 0, 1, 't', 100, 0, 3, 'nil', 100, 0, 1, 's', 115, 3, 'nil', 119, 2, 'op', 97, 10, 118, 0, 1, 'd')
  const data = bytes(116, 0, 0, 0, 2, 119, 18, 'heartbeat_interval', 98, 0, 0, 161, 34, 109, 0, 0, 0, 6, '_trace', 108, 0, 0, 0, 1, 109, 0, 0, 0, 2, 'gw', 106)
  const expected = { t: null, s: null, op: 10, d: { heartbeat_interval: 41250, _trace: ['gw'] } }
  expect(decode(new Uint8Array([...hello, ...data]))).toStrictEqual(expected)
  expect(decode(bytes(131, 107, 0, 3, 1, 2, 3))).toEqual([1, 2, 3])
  expect(decode(bytes(131, 104, 2, 119, 4, 'true', 119, 5, 'hello'))).toEqual([true, 'hello'])
  expect(decode(bytes(131, 116, 0, 0, 0, 1, 97, 7, 97, 8))).toEqual({ 7: 8 })
})

test('keys are written as strings, never as atoms', () => {
  expect(encode({ op: 1 })).toEqual(bytes(131, 116, 0, 0, 0, 1, 109, 0, 0, 0, 2, 'op', 97, 1))
})

test('what JSON leaves out or cannot say is treated as JSON does', () => {
  const given = { a: undefined, b: () => 1, c: [undefined, Symbol('x')], d: new Date(0), e: Number.NaN }
  expect(decode(encode(given))).toStrictEqual(JSON.parse(JSON.stringify(given)))
})

test('a key called __proto__ changes no prototype', () => {
  const read = decode(encode(JSON.parse('{"__proto__":{"polluted":true}}'))) as Record<string, unknown>
  expect([Object.getPrototypeOf(read), read['polluted'], Object.keys(read)]).toEqual([Object.prototype, undefined, ['__proto__']])
})

test('every fault has its reason', () => {
  expect(reasonOf(() => decode(bytes()))).toBe('truncated')
  expect(reasonOf(() => decode(bytes(130, 106)))).toBe('version')
  expect(reasonOf(() => decode(bytes(131, 106, 0)))).toBe('trailing')
  expect(reasonOf(() => decode(bytes(131, 80, 0, 0, 0, 1)))).toBe('term')
  expect(reasonOf(() => decode(bytes(131, 109, 0, 0, 0, 1, 255)))).toBe('text')
  expect(reasonOf(() => decode(bytes(131, 108, 0, 0, 0, 1, 97, 1, 97, 2)))).toBe('term')
  expect(reasonOf(() => decode(bytes(131, 116, 0, 0, 0, 1, 106, 106)))).toBe('term')
  for (const tag of [105, 108, 109, 111, 116]) expect(reasonOf(() => decode(bytes(131, tag, 255, 255, 255, 255, 0)))).toMatch(/truncated|number/)
  expect(reasonOf(() => encode('x'.repeat(5000), { maxBytes: 4096 }))).toBe('size')
})

test('depth is bounded, both ways', () => {
  const deep = [131, ...Array.from({ length: 100_000 }, () => [104, 1]).flat(), 106]
  expect(reasonOf(() => decode(new Uint8Array(deep)))).toBe('depth')
  const circle: unknown[] = []
  circle.push(circle)
  expect(reasonOf(() => encode(circle))).toBe('depth')
})

test('any bytes at all are read or refused, and nothing else', () => {
  const next = random(4711)
  const tags = [70, 97, 98, 100, 104, 105, 106, 107, 108, 109, 110, 111, 115, 116, 118, 119]
  for (let run = 0; run < 20_000; run++) {
    const length = next(60)
    const term = Uint8Array.from({ length }, (_, index) => (index === 0 ? 131 : next(2) ? tags[next(tags.length)]! : next(6)))
    try {
      decode(term)
    } catch (error) {
      expect(error).toBeInstanceOf(EtfError)
    }
  }
})

test('a term that was damaged on its way is read or refused, and nothing else', () => {
  for (let seed = 1; seed < 4000; seed++) {
    const next = random(seed * 104_729)
    let term = encode(value(next, 5))
    for (let damage = next(4); damage >= 0; damage--) {
      const at = next(term.length)
      const kind = next(4)
      if (kind === 0) term[at] = next(256)
      else if (kind === 1) term = term.subarray(0, at)
      // A length that promises more than there is.
      else if (kind === 2) term.fill(255, at, at + 4)
      else term = new Uint8Array([...term.subarray(0, at), ...term.subarray(next(term.length))])
    }
    try {
      JSON.stringify(decode(term))
    } catch (error) {
      expect(error, `seed ${seed}`).toBeInstanceOf(EtfError)
    }
  }
})

test('a hostile term takes no longer than its bytes, and is read or refused', () => {
  const size = 1 << 18
  const filled = (head: number[], ...period: number[]): Uint8Array => Uint8Array.from({ length: size }, (_, at) => head[at] ?? period[(at - head.length) % period.length]!)
  const most = [255, 255, 255, 255]
  const terms = [
    filled([131, 108, ...most], 106),
    filled([131, 108, 0, 3, 255, 240], 106),
    filled([131, 105, 0, 3, 255, 250], 106),
    filled([131, 116, ...most], 106),
    // Maps of the same key, lists of lists, tuples of nothing, numbers of no digits.
    filled([131, 116, 0, 1, 0, 0], 97, 1, 106),
    filled([131], 108, 0, 0, 0, 1),
    filled([131], 104, 1),
    filled([131, 105, 0, 1, 0, 0], 104, 0),
    filled([131, 105, 0, 1, 0, 0], 110, 0, 0),
    filled([131, 109, ...most], 97),
    filled([131, 111, ...most], 1),
    filled([131, 107, 255, 255], 0),
  ]
  const reasons = ['truncated', 'trailing', undefined, 'truncated', 'trailing', 'depth', 'depth', 'trailing', 'trailing', 'truncated', 'number', 'trailing']
  expect(terms.map((term) => reasonOf(() => decode(term)))).toEqual(reasons)
})
