// Erlang's external term format, as far as the gateway uses it. Snowflakes leave as 64-bit integers: that is what clients must survive.

const VERSION = 131
const Tag = { newFloat: 70, smallInt: 97, int: 98, atom: 100, smallTuple: 104, nil: 106, string: 107, list: 108, binary: 109, smallBig: 110, largeBig: 111, map: 116, smallAtom: 115, atomUtf8: 118, smallAtomUtf8: 119 }

/**
 * Encodes a value. Text becomes a binary, keys too; a BigInt becomes a 64-bit integer.
 * @param {unknown} value
 * @returns {Buffer}
 */
export function encodeEtf(value) {
  /** @type {Buffer[]} */
  const parts = [Buffer.of(VERSION)]
  write(parts, value)
  return Buffer.concat(parts)
}

/**
 * @param {Buffer[]} parts
 * @param {unknown} value
 */
function write(parts, value) {
  if (value === null || value === undefined) return writeAtom(parts, 'nil')
  if (typeof value === 'boolean') return writeAtom(parts, String(value))
  if (typeof value === 'string') {
    const bytes = Buffer.from(value)
    return void parts.push(head(Tag.binary, bytes.length), bytes)
  }
  if (typeof value === 'bigint') return writeBig(parts, value)
  if (typeof value === 'number') return writeNumber(parts, value)
  if (Array.isArray(value)) {
    if (value.length === 0) return void parts.push(Buffer.of(Tag.nil))
    parts.push(head(Tag.list, value.length))
    for (const item of value) write(parts, item)
    return void parts.push(Buffer.of(Tag.nil))
  }
  const entries = Object.entries(/** @type {object} */ (value)).filter(([, item]) => item !== undefined)
  parts.push(head(Tag.map, entries.length))
  for (const [key, item] of entries) {
    write(parts, key)
    write(parts, item)
  }
}

/**
 * @param {Buffer[]} parts
 * @param {string} name
 */
function writeAtom(parts, name) {
  const bytes = Buffer.alloc(3 + name.length)
  bytes[0] = Tag.atom
  bytes.writeUInt16BE(name.length, 1)
  bytes.write(name, 3, 'latin1')
  parts.push(bytes)
}

/**
 * @param {Buffer[]} parts
 * @param {number} value
 */
function writeNumber(parts, value) {
  if (Number.isInteger(value) && value >= 0 && value < 256) return void parts.push(Buffer.of(Tag.smallInt, value))
  if (Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31) {
    const bytes = Buffer.alloc(5)
    bytes[0] = Tag.int
    bytes.writeInt32BE(value, 1)
    return void parts.push(bytes)
  }
  if (Number.isSafeInteger(value)) return writeBig(parts, BigInt(value))
  const bytes = Buffer.alloc(9)
  bytes[0] = Tag.newFloat
  bytes.writeDoubleBE(value, 1)
  parts.push(bytes)
}

/**
 * @param {Buffer[]} parts
 * @param {bigint} value
 */
function writeBig(parts, value) {
  const bytes = [Tag.smallBig, 0, value < 0n ? 1 : 0]
  for (let left = value < 0n ? -value : value; left > 0n; left >>= 8n) bytes.push(Number(left & 255n))
  bytes[1] = bytes.length - 3
  parts.push(Buffer.from(bytes))
}

/**
 * @param {number} tag
 * @param {number} length
 */
function head(tag, length) {
  const bytes = Buffer.alloc(5)
  bytes[0] = tag
  bytes.writeUInt32BE(length, 1)
  return bytes
}

/**
 * Decodes what a client sent. Throws on anything malformed, and on atoms as keys, which the gateway refuses.
 * Integers beyond 2^53 come back as text.
 * @param {Uint8Array} bytes
 * @returns {unknown}
 */
export function decodeEtf(bytes) {
  const reader = new Reader(bytes)
  if (reader.byte() !== VERSION) throw new Error('expected the version byte 131')
  const value = reader.term()
  if (!reader.done) throw new Error('expected nothing after the term')
  return value
}

const ATOMS = new Map([
  ['nil', null],
  ['null', null],
  ['true', true],
  ['false', false],
])

class Reader {
  #bytes
  #at = 0

  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get done() {
    return this.#at === this.#bytes.length
  }

  /** @param {number} length */
  take(length) {
    if (this.#at + length > this.#bytes.length) throw new Error(`expected ${length} more bytes`)
    return this.#bytes.subarray(this.#at, (this.#at += length))
  }

  byte() {
    return this.take(1)[0]
  }

  /** @returns {unknown} */
  term() {
    const tag = this.byte()
    switch (tag) {
      case Tag.smallInt:
        return this.byte()
      case Tag.int:
        return this.take(4).readInt32BE()
      case Tag.newFloat:
        return this.take(8).readDoubleBE()
      case Tag.smallBig:
        return this.#big(this.byte())
      case Tag.largeBig:
        return this.#big(this.take(4).readUInt32BE())
      case Tag.atom:
      case Tag.atomUtf8:
        return this.#atom(this.take(2).readUInt16BE())
      case Tag.smallAtom:
      case Tag.smallAtomUtf8:
        return this.#atom(this.byte())
      case Tag.binary:
        return this.take(this.take(4).readUInt32BE()).toString('utf8')
      case Tag.string:
        return [...this.take(this.take(2).readUInt16BE())]
      case Tag.nil:
        return []
      case Tag.list:
        return this.#list(this.take(4).readUInt32BE())
      case Tag.smallTuple:
        return Array.from({ length: this.byte() }, () => this.term())
      case Tag.map:
        return this.#map(this.take(4).readUInt32BE())
      default:
        throw new Error(`expected a known term, got tag ${tag}`)
    }
  }

  /** @param {number} length */
  #big(length) {
    const negative = this.byte() === 1
    let value = 0n
    for (const byte of this.take(length).toReversed()) value = (value << 8n) | BigInt(byte)
    if (negative) value = -value
    return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString()
  }

  /** @param {number} length */
  #atom(length) {
    const name = this.take(length).toString('utf8')
    return ATOMS.has(name) ? ATOMS.get(name) : name
  }

  /** @param {number} length */
  #list(length) {
    /** @type {unknown[]} */
    const items = []
    for (let index = 0; index < length; index += 1) items.push(this.term())
    if (this.byte() !== Tag.nil) throw new Error('expected a proper list')
    return items
  }

  /** @param {number} length */
  #map(length) {
    /** @type {[string, unknown][]} */
    const entries = []
    for (let index = 0; index < length; index += 1) {
      if (this.#bytes[this.#at] !== Tag.binary) throw new Error('expected text as a key')
      entries.push([String(this.term()), this.term()])
    }
    return Object.fromEntries(entries)
  }
}
