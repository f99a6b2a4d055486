/**
 * Keeps a shard's session over a reload of its tab, so that the next page resumes it. In `sessionStorage`, written when the page
 * goes and taken out when the next one comes: a duplicated tab finds none, and two pages never resume one session.
 */

/** What resuming takes. */
export interface KeptSession {
  readonly id: string
  readonly sequence: number
  readonly url: string | undefined
}

/** Gateways forget sessions after a few minutes; then resuming costs a round trip for nothing. */
const LIFE_MS = 180_000

/** Keeps it. */
export function keepSession(name: string, session: KeptSession): void {
  storage((store) => store.setItem(key(name), JSON.stringify({ ...session, at: Date.now() })))
}

/** Takes it out. */
export function takeSession(name: string): KeptSession | undefined {
  return storage((store) => {
    const text = store.getItem(key(name))
    store.removeItem(key(name))
    const { id, sequence, url, at } = JSON.parse(text ?? '{}') as Record<string, unknown>
    const fresh = typeof at === 'number' && Date.now() - at < LIFE_MS
    if (!fresh || typeof id !== 'string' || !Number.isSafeInteger(sequence)) return undefined
    return { id, sequence: sequence as number, url: typeof url === 'string' ? url : undefined }
  })
}

function key(name: string): string {
  return `tautline:session:${name}`
}

/** Storage may be missing, full or forbidden; then there is simply no session to resume. */
function storage<T>(use: (store: Storage) => T): T | undefined {
  try {
    return use(sessionStorage)
  } catch {
    return undefined
  }
}
