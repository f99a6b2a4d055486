// What the gateway does to the bytes it sends: one context per connection, one flush per payload.
import { Zstd } from '@hpcc-js/wasm-zstd'
import { deflateSync } from 'node:zlib'
import pako from 'pako'

/**
 * @typedef {'zlib-stream' | 'zstd-stream'} Compression
 * @typedef {{ compress(bytes: Uint8Array): Buffer, free(): void }} Compressor
 */

const Z_SYNC_FLUSH = 2

/**
 * Makes the context of one connection.
 * @param {Compression} kind
 * @param {{ windowLog?: number | undefined }} options what the zstd header claims, right or wrong, instead of what the encoder needs
 * @returns {Promise<Compressor>}
 */
export async function compressor(kind, { windowLog } = {}) {
  return kind === 'zlib-stream' ? new ZlibStream() : new ZstdStream(await borrow(), windowLog)
}

/**
 * One whole zlib stream per payload, as `compress: true` of IDENTIFY asks for.
 * @param {Uint8Array} bytes
 */
export function deflatePayload(bytes) {
  return deflateSync(bytes)
}

/** Synchronous, unlike the one of Node: what a script says happens in the order in which it says it. */
class ZlibStream {
  #deflate = new pako.Deflate({ level: 6 })
  /** @type {Uint8Array[]} */
  #parts = []

  constructor() {
    this.#deflate.onData = (part) => this.#parts.push(/** @type {Uint8Array} */ (part))
  }

  /** @param {Uint8Array} bytes */
  compress(bytes) {
    this.#parts.length = 0
    this.#deflate.push(bytes, Z_SYNC_FLUSH)
    return Buffer.concat(this.#parts)
  }

  free() {}
}

/** The module keeps one context per instance: each connection borrows an instance of its own. */
class ZstdStream {
  #zstd
  #windowLog
  #first = true

  /**
   * @param {Zstd} zstd
   * @param {number | undefined} windowLog
   */
  constructor(zstd, windowLog) {
    this.#zstd = zstd
    this.#windowLog = windowLog
    zstd.reset()
    zstd.setCompressionLevel(3)
  }

  /** @param {Uint8Array} bytes */
  compress(bytes) {
    const compressed = Buffer.from(this.#zstd.compressChunk(bytes))
    // Magic, descriptor, then the window: five bits of exponent above 10, three of mantissa.
    if (this.#first && this.#windowLog !== undefined) compressed[5] = (this.#windowLog - 10) << 3
    this.#first = false
    return compressed
  }

  free() {
    idle.push(this.#zstd)
  }
}

/** @type {Zstd[]} */
const idle = []
let loaded = 0

/** @returns {Promise<Zstd>} */
async function borrow() {
  const kept = idle.pop()
  if (kept) return kept
  loaded += 1
  /** @type {{ Zstd: typeof Zstd }} */
  const module = await import(`${import.meta.resolve('@hpcc-js/wasm-zstd')}?instance=${loaded}`)
  return module.Zstd.load()
}
