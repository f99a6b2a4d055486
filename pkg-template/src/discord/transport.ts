/**
 * How a gateway's payloads travel: the query that says so, the decoder of a connection, the encoding of what goes out.
 * A stream that cannot be read again and again is asked for uncompressed: a wider line is better than none.
 */
import type { Encoded } from '../core.ts'
import { TautlineError } from '../error.ts'
import { type DebugNote, redact } from './debug.ts'
import type { CreateInflater } from './inflate.ts'
import type { GatewaySettings } from './options.ts'

/** Turns what a socket gives into a frame: text or an object; `undefined` while there is more to come. Throws when it cannot be read. */
export type Decoder = (data: string | ArrayBuffer) => string | object | undefined

/** Broken streams in a row after which the next is not compressed. */
const PATIENCE = 2
/** A stream that gave so many messages was a good one. */
const PROVEN = 500
/** What src/protocol/discord/payload.rs adds to a payload. */
const ENVELOPE = '{"op":99,"d":}'.length

/** The way of one shard. */
export class Transport {
  /** Bytes that compression kept off the line. */
  bytesSaved = 0
  /** Why the present connection's bytes could not be read. */
  fault: Error | undefined
  readonly #settings: GatewaySettings
  readonly #problem: (error: TautlineError) => void
  readonly #debug: ((note: DebugNote) => void) | undefined
  #inflater: CreateInflater | undefined
  #etf: typeof import('./etf.ts') | undefined
  #broken = 0
  #messages = 0

  constructor(settings: GatewaySettings, problem: (error: TautlineError) => void, debug: ((note: DebugNote) => void) | undefined) {
    this.#settings = settings
    this.#problem = problem
    this.#debug = debug
  }

  /** Loads what the next connection needs. */
  async prepare(): Promise<void> {
    const { compression, etf } = this.#settings
    if (etf) this.#etf ??= await import('./etf.ts')
    if (!compression || this.#inflater || this.#broken >= PATIENCE) return
    try {
      const { loadInflater } = await import('./inflate.ts')
      this.#inflater = await loadInflater(compression === 'payload' ? 'zlib' : compression)
    } catch (cause) {
      // Identify has announced it.
      if (compression === 'payload') throw new TautlineError('internal/wasm-load', { cause })
      this.#problem(new TautlineError('internal/wasm-load', { message: 'The stream is not compressed.', cause }))
    }
  }

  /** The URL with the query that says how to speak. */
  address(url: string): string {
    const { compression, etf } = this.#settings
    const address = new URL(url)
    const query = address.searchParams
    query.set('v', '10')
    query.set('encoding', etf ? 'etf' : 'json')
    if (this.#inflater && compression !== 'payload') query.set('compress', String(compression))
    else query.delete('compress')
    return address.href
  }

  /** A decoder for a new connection; none where the text can be read as it comes. */
  decoder(): Decoder | undefined {
    const { compression, events, inflate } = this.#settings
    const etf = this.#etf
    const debug = this.#debug
    this.fault = undefined
    const inflater = this.#inflater?.(inflate)
    if (!inflater && !etf && !debug && !events) return undefined
    this.#messages = 0
    const read = (data: string | ArrayBuffer): string | object | undefined => {
      if (typeof data === 'string') return data
      const bytes = new Uint8Array(data)
      if (etf) {
        const term = inflater ? inflater.bytes(bytes) : bytes
        return term && (etf.decode(term) as object)
      }
      if (inflater) return inflater.text(bytes)
      throw new TypeError(`Expected text, came ${bytes.length} bytes: perhaps the gateway compresses, or speaks ETF.`)
    }
    let came = 0
    return (data) => {
      let frame: string | object | undefined
      try {
        frame = read(data)
      } catch (cause) {
        this.fault = cause as Error
        if (inflater && compression !== 'payload') this.#distrust(this.fault)
        throw cause
      }
      if (++this.#messages === PROVEN) this.#broken = 0
      debug?.({ type: 'received', bytes: typeof data === 'string' ? data.length : data.byteLength, text: redact(shown(frame)) })
      const kept = (events && typeof frame === 'string' && skip(frame, events)) || frame
      // The core counts text by its own length, and everything else by what came.
      if (typeof data !== 'string') came += data.byteLength
      if (typeof data !== 'string' && typeof kept === 'string') this.bytesSaved += kept.length - came
      if (kept) came = 0
      return kept
    }
  }

  encode(text: string): string | Uint8Array {
    const sent = this.#etf ? this.#etf.encode(JSON.parse(text)) : text
    this.#debug?.({ type: 'sent', bytes: sent.length, text: redact(text) })
    return sent
  }

  /** Bytes of a payload on the wire. */
  measure(content: Encoded): number {
    if (typeof content !== 'string') return content?.length ?? 0
    if (this.#etf) return this.#etf.encode({ op: 99, d: JSON.parse(content) as unknown }).length - ENVELOPE
    return new TextEncoder().encode(content).length
  }

  #distrust(cause: Error): void {
    if (++this.#broken < PATIENCE) return
    this.#inflater = undefined
    const message = `${cause.message} It broke again: the next one is not compressed.`
    this.#debug?.({ type: 'decision', what: 'uncompressed', why: message })
    this.#problem(new TautlineError('peer/bad-frame', { message, cause }))
  }
}

/** Events that the client itself lives on. */
const NEEDED: ReadonlySet<string> = new Set(['READY', 'RESUMED', 'GUILD_MEMBERS_CHUNK'])
const HEAD = /^\{"t":"([A-Z_]+)","s":(\d+),"op":0,/

/** The header alone of an event that nobody wants: its place in the sequence still counts. */
function skip(text: string, wanted: ReadonlySet<string>): object | undefined {
  const [, t, s] = HEAD.exec(text) ?? []
  if (t === undefined || wanted.has(t) || NEEDED.has(t)) return undefined
  return { op: 0, t, s: Number(s) }
}

function shown(frame: string | object | undefined): string {
  if (typeof frame === 'string') return frame
  return frame === undefined ? '…' : JSON.stringify(frame, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
}
