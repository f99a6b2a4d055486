/**
 * Decompresses what a gateway sends. The decoders are wasm of their own (the crate in inflate/), each in a chunk that is loaded
 * when its compression is asked for. What to do about a broken stream is decided elsewhere.
 */
import { type Bytes, unpack } from '../load.ts'

/** `zlib-stream` and `zstd-stream`: one context for a connection. `zlib`: each frame is a stream of its own. */
export type Compression = 'zlib-stream' | 'zstd-stream' | 'zlib'

/** What a message and a context may cost. */
export interface InflateLimits {
  /** Longest message, in bytes. Default 16 MiB: a larger one is `too-large`. */
  readonly maxMessageBytes?: number
  /** Longest window a zstd stream may ask for, in bytes. Default 8 MiB, of which Discord uses 256 kB. */
  readonly maxWindowBytes?: number
}

// Their order is that of inflate/src/fault.rs: the index plus one is the number that the wasm speaks of.
const faults = {
  'not-compressed': 'It does not begin like this compression: perhaps the gateway has another.',
  corrupt: 'It contradicts itself.',
  checksum: 'Its checksum or its length is wrong.',
  'too-large': 'A message is longer than `inflate.maxMessageBytes`.',
  window: 'It needs a larger window than `inflate.maxWindowBytes`.',
  dictionary: 'It needs a dictionary.',
  ended: 'It had ended, and more came.',
  truncated: 'It stops in the middle.',
  memory: 'The browser gives no more memory.',
  text: 'A message is not UTF-8.',
  internal: 'The decoder stopped working. This is a bug in Tautline: please report it.',
}

/** What is wrong with a compressed stream. */
export type InflateReason = keyof typeof faults

/** In the order of their numbers. */
export const inflateReasons: readonly InflateReason[] = /* @__PURE__ */ Object.keys(faults) as InflateReason[]

/** A stream that cannot be decompressed. Its context is broken: the next connection makes another. */
export class InflateError extends Error {
  override readonly name = 'InflateError'
  /** What is wrong. */
  readonly reason: InflateReason

  constructor(reason: InflateReason, cause?: unknown) {
    super(`The compressed stream could not be read. ${faults[reason]} [${reason}]`, cause === undefined ? undefined : { cause })
    this.reason = reason
  }
}

/** One context. For each connection another; nothing needs to be freed. */
export interface Inflater {
  /**
   * Takes one frame, and returns the message that it completes, if it does.
   *
   * @throws {InflateError} and the same again for every later frame.
   */
  text(frame: Uint8Array): string | undefined
  /** The same, as bytes. They are good until the next frame: their memory is the decoder's. */
  bytes(frame: Uint8Array): Uint8Array | undefined
}

/** Makes a context. */
export type CreateInflater = (limits?: InflateLimits) => Inflater

/** What inflate/ exports. */
interface Decoder {
  readonly memory: WebAssembly.Memory
  limit(message: number, window: number, whole: number): void
  input(): number
  push(length: number, last: number): number
  message(): number
}

/** As inflate/src/lib.rs has it: what a decoder takes at a time. */
const CHUNK = 65_536

const chunks: Record<'zlib' | 'zstd', () => Promise<{ bytes: Bytes }>> = {
  zlib: () => import('../wasm/inflate/zlib.ts'),
  zstd: () => import('../wasm/inflate/zstd.ts'),
}

const compiled: { zlib?: WebAssembly.Module; zstd?: WebAssembly.Module } = {}

/** Loads what a compression needs. When it fails, the next call tries again. */
export async function loadInflater(compression: Compression): Promise<CreateInflater> {
  const kind = compression === 'zstd-stream' ? 'zstd' : 'zlib'
  const { bytes } = await chunks[kind]()
  const module = (compiled[kind] ??= new WebAssembly.Module(unpack(bytes)))
  return ({ maxMessageBytes = 16 << 20, maxWindowBytes = 8 << 20 } = {}) => {
    const decoder = new WebAssembly.Instance(module).exports as unknown as Decoder
    decoder.limit(Math.min(maxMessageBytes, 1 << 30), Math.min(maxWindowBytes, 1 << 30), Number(compression === 'zlib'))
    return new Context(decoder)
  }
}

class Context implements Inflater {
  readonly #decoder: Decoder
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  #memory: Uint8Array
  #error: InflateError | undefined

  constructor(decoder: Decoder) {
    this.#decoder = decoder
    this.#memory = new Uint8Array(decoder.memory.buffer)
  }

  text(frame: Uint8Array): string | undefined {
    const bytes = this.bytes(frame)
    if (bytes === undefined) return undefined
    try {
      return this.#utf8.decode(bytes)
    } catch (cause) {
      throw this.#fail('text', cause)
    }
  }

  bytes(frame: Uint8Array): Uint8Array | undefined {
    if (this.#error) throw this.#error
    const length = this.#push(frame)
    if (length < 0) throw this.#fail(inflateReasons[-1 - length] ?? 'internal')
    if (length === 0) return undefined
    const start = this.#decoder.message()
    return this.#current().subarray(start, start + length)
  }

  #push(frame: Uint8Array): number {
    const decoder = this.#decoder
    try {
      let at = 0
      while (frame.length - at > CHUNK) {
        this.#current().set(frame.subarray(at, at + CHUNK), decoder.input())
        at += CHUNK
        const pushed = decoder.push(CHUNK, 0)
        if (pushed < 0) return pushed
      }
      this.#current().set(at === 0 ? frame : frame.subarray(at), decoder.input())
      return decoder.push(frame.length - at, 1)
    } catch (cause) {
      throw this.#fail('internal', cause)
    }
  }

  /** The buffer of a memory is another one after it grew. */
  #current(): Uint8Array {
    if (this.#memory.length === 0) this.#memory = new Uint8Array(this.#decoder.memory.buffer)
    return this.#memory
  }

  #fail(reason: InflateReason, cause?: unknown): InflateError {
    return (this.#error = new InflateError(reason, cause))
  }
}
