/** What a gateway's client tells those who look over its shoulder. Tokens are left out. */

/** One thing that happened, with the shard and the time in milliseconds since 1970. */
export type DebugEvent = { readonly shard: number; readonly at: number } & (
  | { readonly type: 'state'; readonly status: string; readonly cause: string | undefined; readonly retryInMs: number | undefined }
  | { readonly type: 'received'; readonly bytes: number; readonly text: string }
  | { readonly type: 'sent'; readonly bytes: number; readonly text: string }
  | { readonly type: 'decision'; readonly what: string; readonly why: string }
  | { readonly type: 'timer'; readonly what: 'reconnect' | 'identify' | 'heartbeat'; readonly ms: number }
)

/** A debug event before it has a shard and a time. */
export type DebugNote = DebugEvent extends infer Event ? (Event extends DebugEvent ? Omit<Event, 'shard' | 'at'> : never) : never

const TOKEN = /("token"\s*:\s*)"(?:[^"\\]|\\.)*"/g
/** A log is no archive: long frames are cut. */
const MOST = 2_000

/** The text without tokens, and not too long. */
export function redact(text: string): string {
  const clean = text.replace(TOKEN, '$1"[token]"')
  return clean.length > MOST ? `${clean.slice(0, MOST)}… ${clean.length} characters` : clean
}
