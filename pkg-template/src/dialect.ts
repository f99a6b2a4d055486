/** What a server can be told, where that is not everything. Types only. */
import type { Encoded } from './core.ts'

/** Something that the application may want said or told. */
export type Verb = 'channel' | 'presence' | 'track' | 'typing' | 'onTyping' | 'refresh' | 'request' | 'send' | 'signal'

/** One kind of server. */
export interface Dialect {
  /** Goes to the core with the other options. */
  readonly core: object
  /** Throws where the server has no word for it. */
  check(verb: Verb, channel?: string, event?: string, content?: Encoded | Blob): void
}
