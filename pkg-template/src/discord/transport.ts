/** How a gateway's payloads travel: the query that says so, what is read of what comes, what is seen of what goes. */
import type { Encoded } from '../core.ts'
import { type DebugNote, redact } from './debug.ts'
import type { GatewaySettings } from './options.ts'

/** Turns what a socket gives into a frame: text or an object. Throws when it cannot be read. */
export type Decoder = (data: string | ArrayBuffer) => string | object

/** The way of one shard. */
export class Transport {
  readonly #wanted: ReadonlySet<string> | undefined
  readonly #debug: ((note: DebugNote) => void) | undefined

  constructor(settings: GatewaySettings, debug: ((note: DebugNote) => void) | undefined) {
    this.#wanted = settings.events
    this.#debug = debug
  }

  /** The URL with the query that says how to speak. */
  address(url: string): string {
    const address = new URL(url)
    address.searchParams.set('v', '10')
    address.searchParams.set('encoding', 'json')
    return address.href
  }

  /** A decoder for a new connection; none where the text can be read as it comes. */
  decoder(): Decoder | undefined {
    const debug = this.#debug
    const wanted = this.#wanted
    if (!debug && !wanted) return undefined
    return (data) => {
      if (typeof data !== 'string') throw new TypeError('expected text')
      debug?.({ type: 'received', bytes: data.length, text: redact(data) })
      return (wanted && skip(data, wanted)) ?? data
    }
  }

  encode(text: string): string {
    this.#debug?.({ type: 'sent', bytes: text.length, text: redact(text) })
    return text
  }

  /** Bytes of a payload on the wire. */
  measure(content: Encoded): number {
    return typeof content === 'string' ? new TextEncoder().encode(content).length : (content?.length ?? 0)
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
