/**
 * Erlang's external term format, as far as gateways speak it: what JSON can say, and whole numbers of 64 bits.
 *
 * In: bytes from anyone, bounded in depth; sizes are checked against what is there. Not here: compressed terms, processes,
 * functions.
 */

const problems = {
  version: 'Expected version 131: perhaps the gateway speaks JSON.',
  truncated: 'It stops in the middle.',
  trailing: 'More follows after its end.',
  depth: 'It is nested too deeply.',
  term: 'It has a term of a kind that is not spoken here.',
  text: 'A string is not UTF-8.',
  number: 'A number has more than 64 bits.',
  size: 'It is longer than allowed.',
}

/** What is wrong with a term. */
export type EtfReason = keyof typeof problems

/** A term that cannot be read or written. */
export class EtfError extends Error {
  override readonly name = 'EtfError'
  /** What is wrong. */
  readonly reason: EtfReason

  constructor(reason: EtfReason, detail = '') {
    super(`The term is not valid. ${problems[reason]}${detail} [${reason}]`)
    this.reason = reason
  }
}

/** How to read. */
export interface DecodeOptions {
  /** What whole numbers become that a number cannot hold exactly. Default `string`, as JSON gateways write them. */
  readonly large?: 'string' | 'bigint'
}

/** JSON this deep is nobody's payload. */
const DEPTH = 128

/** Shorter strings are put together here: calling the browser's decoder costs more. */
const SHORT = 24

const FLOAT = 70
const SMALL_INTEGER = 97
const INTEGER = 98
const ATOM = 100
const SMALL_TUPLE = 104
const LARGE_TUPLE = 105
const NIL = 106
const STRING = 107
const LIST = 108
const BINARY = 109
const SMALL_BIG = 110
const LARGE_BIG = 111
const SMALL_ATOM = 115
const MAP = 116
const ATOM_UTF8 = 118
const SMALL_ATOM_UTF8 = 119
const VERSION = 131

const utf8 = /* @__PURE__ */ new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = /* @__PURE__ */ new TextEncoder()

/**
 * The value of one term. Atoms become `true`, `false`, `null` or strings, tuples become arrays, and the keys of maps strings.
 *
 * @throws {EtfError}
 */
export function decode(bytes: Uint8Array, { large = 'string' }: DecodeOptions = {}): unknown {
  const reader = new Reader(bytes, large === 'bigint')
  if (reader.byte() !== VERSION) throw new EtfError('version')
  const value = reader.term(DEPTH)
  if (reader.left > 0) throw new EtfError('trailing')
  return value
}

class Reader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #bigints: boolean
  #at = 0

  constructor(bytes: Uint8Array, bigints: boolean) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#bigints = bigints
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  byte(): number {
    return this.#bytes[this.#take(1)]!
  }

  term(depth: number): unknown {
    if (depth === 0) throw new EtfError('depth')
    const tag = this.byte()
    switch (tag) {
      case SMALL_INTEGER:
        return this.byte()
      case INTEGER:
        return this.#view.getInt32(this.#take(4))
      case FLOAT:
        return this.#view.getFloat64(this.#take(8))
      case SMALL_BIG:
        return this.#whole(this.byte())
      case LARGE_BIG:
        return this.#whole(this.#long())
      case BINARY:
        return this.#text(this.#long())
      case ATOM_UTF8:
      case ATOM:
        return this.#atom(this.#short())
      case SMALL_ATOM_UTF8:
      case SMALL_ATOM:
        return this.#atom(this.byte())
      case NIL:
        return []
      case STRING: {
        const length = this.#short()
        const start = this.#take(length)
        return Array.from(this.#bytes.subarray(start, start + length))
      }
      case SMALL_TUPLE:
        return this.#list(this.byte(), depth)
      case LARGE_TUPLE:
        return this.#list(this.#long(), depth)
      case LIST: {
        const list = this.#list(this.#long(), depth)
        // Whatever else stands there makes it no list.
        if (this.byte() !== NIL) throw new EtfError('term')
        return list
      }
      case MAP:
        return this.#map(this.#long(), depth)
      default:
        throw new EtfError('term', ` Its tag is ${tag}.`)
    }
  }

  #take(length: number): number {
    const start = this.#at
    if (length > this.#bytes.length - start) throw new EtfError('truncated')
    this.#at = start + length
    return start
  }

  #short(): number {
    return this.#view.getUint16(this.#take(2))
  }

  #long(): number {
    return this.#view.getUint32(this.#take(4))
  }

  #text(length: number): string {
    const start = this.#take(length)
    const bytes = this.#bytes
    if (length <= SHORT) {
      let text = ''
      let index = start
      for (; index < start + length; index++) {
        const byte = bytes[index]!
        if (byte > 127) break
        text += String.fromCharCode(byte)
      }
      if (index === start + length) return text
    }
    try {
      return utf8.decode(bytes.subarray(start, start + length))
    } catch {
      throw new EtfError('text')
    }
  }

  #atom(length: number): string | boolean | null {
    const name = this.#text(length)
    if (name === 'true') return true
    if (name === 'false') return false
    return name === 'nil' || name === 'null' ? null : name
  }

  #whole(length: number): number | string | bigint {
    const negative = this.byte() !== 0
    if (length > 8) throw new EtfError('number')
    const start = this.#take(length)
    let low = 0
    let high = 0
    for (let index = length - 1; index >= 0; index--) {
      if (index >= 4) high = high * 256 + this.#bytes[start + index]!
      else low = low * 256 + this.#bytes[start + index]!
    }
    if (high < 0x20_0000) {
      const size = high * 0x1_0000_0000 + low
      return negative && size !== 0 ? -size : size
    }
    const size = (BigInt(high) << 32n) | BigInt(low)
    const value = negative ? -size : size
    return this.#bigints ? value : value.toString()
  }

  #list(length: number, depth: number): unknown[] {
    // A term takes a byte at least.
    if (length > this.left) throw new EtfError('truncated')
    const list: unknown[] = []
    for (let index = 0; index < length; index++) list.push(this.term(depth - 1))
    return list
  }

  #map(length: number, depth: number): Record<string, unknown> {
    if (length * 2 > this.left) throw new EtfError('truncated')
    const map: Record<string, unknown> = {}
    for (let index = 0; index < length; index++) {
      const key = this.term(depth - 1)
      if (typeof key === 'object' && key !== null) throw new EtfError('term', ' A key is no string.')
      const value = this.term(depth - 1)
      // As JSON.parse does: assigning would change the prototype.
      if (key === '__proto__') Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true })
      else map[String(key)] = value
    }
    return map
  }
}

/** How to write. */
export interface EncodeOptions {
  /** Longest term, in bytes. Default 1 MiB. */
  readonly maxBytes?: number
}

/**
 * A value as JSON would have it, as a term: with string keys, `null` for what cannot be said, and without undefined members. Whole
 * numbers stay whole, `bigint` too.
 *
 * @throws {EtfError}
 */
export function encode(value: unknown, { maxBytes = 1 << 20 }: EncodeOptions = {}): Uint8Array {
  const writer = new Writer(maxBytes)
  writer.byte(VERSION)
  writer.term(value, '', DEPTH)
  return writer.done()
}

class Writer {
  readonly #most: number
  #bytes = new Uint8Array(256)
  #view = new DataView(this.#bytes.buffer)
  #at = 0

  constructor(most: number) {
    this.#most = most
  }

  done(): Uint8Array {
    return this.#bytes.slice(0, this.#at)
  }

  byte(byte: number): void {
    const at = this.#make(1)
    this.#bytes[at] = byte
  }

  term(given: unknown, key: string, depth: number): void {
    if (depth === 0) throw new EtfError('depth')
    const value = said(given, key)
    switch (typeof value) {
      case 'string':
        return this.#text(value)
      case 'boolean':
        return this.#atom(value ? 'true' : 'false')
      case 'number':
        return this.#number(value)
      case 'bigint':
        return this.#whole(value)
      case 'object':
        if (value === null) return this.#atom('nil')
        return Array.isArray(value) ? this.#list(value, depth) : this.#map(value as Record<string, unknown>, depth)
      default:
        return this.#atom('nil')
    }
  }

  #make(length: number): number {
    const start = this.#at
    const end = start + length
    if (end > this.#most) throw new EtfError('size')
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, this.#bytes.length * 2))
      larger.set(this.#bytes)
      this.#bytes = larger
      this.#view = new DataView(larger.buffer)
    }
    this.#at = end
    return start
  }

  #tagged(tag: number, length: number): void {
    this.byte(tag)
    const at = this.#make(4)
    this.#view.setUint32(at, length)
  }

  #text(text: string): void {
    const bytes = encoder.encode(text)
    this.#tagged(BINARY, bytes.length)
    const at = this.#make(bytes.length)
    this.#bytes.set(bytes, at)
  }

  #atom(name: string): void {
    this.byte(SMALL_ATOM_UTF8)
    this.byte(name.length)
    for (let index = 0; index < name.length; index++) this.byte(name.charCodeAt(index))
  }

  #number(value: number): void {
    if (!Number.isFinite(value)) return this.#atom('nil')
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) return this.#whole(value)
    this.byte(FLOAT)
    const at = this.#make(8)
    this.#view.setFloat64(at, value)
  }

  #whole(value: number | bigint): void {
    if (value >= 0 && value < 256) {
      this.byte(SMALL_INTEGER)
      return this.byte(Number(value))
    }
    if (value >= -0x8000_0000 && value < 0x8000_0000) {
      return this.#tagged(INTEGER, Number(value))
    }
    let size = BigInt(value)
    if (size < 0n) size = -size
    if (size >> 64n) throw new EtfError('number')
    this.byte(SMALL_BIG)
    this.byte(8)
    this.byte(Number(value < 0))
    const at = this.#make(8)
    this.#view.setBigUint64(at, size, true)
  }

  #list(list: readonly unknown[], depth: number): void {
    if (list.length > 0) {
      this.#tagged(LIST, list.length)
      for (let index = 0; index < list.length; index++) this.term(list[index], String(index), depth - 1)
    }
    this.byte(NIL)
  }

  #map(map: Record<string, unknown>, depth: number): void {
    const keys = Object.keys(map).filter((key) => !['undefined', 'function', 'symbol'].includes(typeof map[key]))
    this.#tagged(MAP, keys.length)
    for (const key of keys) {
      this.#text(key)
      this.term(map[key], key, depth - 1)
    }
  }
}

/** What `JSON.stringify` would take for a value: dates, for instance, say what they are. */
function said(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !('toJSON' in value)) return value
  return typeof value.toJSON === 'function' ? (value.toJSON(key) as unknown) : value
}
