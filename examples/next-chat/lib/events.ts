/** What travels through the channels, said once: every hook and `publish` knows it. */
// Without it TypeScript does not know the module that is told.
import type {} from 'tautline'
import type { Nudge } from './nudge'

/** A message of a conversation. */
export interface Said {
  readonly id: string
  readonly text: string
  readonly user: { readonly id: string; readonly name?: string }
}

declare module 'tautline' {
  interface Register {
    events: { message: Said; notification: Nudge }
  }
}
