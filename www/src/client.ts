/** The one client of this page, and what travels through it. */
import { createClient } from 'tautline'
import type { Person } from './model/person.ts'

/** A chat message carries its author, so that it can be read after they left. */
export interface ChatPayload {
  readonly id: string
  readonly text: string
  readonly user: Person & { readonly id: string }
}

export type Events = { message: ChatPayload }

declare module 'tautline' {
  interface Register {
    events: Events
  }
}

export const client = createClient({
  url: '/ws',
  // Far more often than an application needs: the page draws the answers.
  heartbeat: { intervalMs: 2_000, timeoutMs: 4_000 },
  backoff: { minMs: 1_500, maxMs: 8_000 },
  queue: { persist: 'demo' },
})
