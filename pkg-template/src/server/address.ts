/** Where a relay takes what servers publish. */
import { TautlineError } from '../error.ts'

const SCHEMES: Readonly<Record<string, string>> = { 'ws:': 'http:', 'wss:': 'https:', 'http:': 'http:', 'https:': 'https:' }

/** The address, from the relay's own or from the URL that clients connect to. A path before `/ws` is kept: a proxy's. */
export function addressOf(url: unknown): string {
  let parsed: URL
  try {
    parsed = new URL(String(url))
  } catch {
    refuse('it cannot be read; is the environment variable set?')
  }
  const scheme = SCHEMES[parsed.protocol]
  if (!scheme) refuse(`its scheme is ${parsed.protocol}`)
  const path = parsed.pathname.replace(/\/(ws\/?)?$/, '')
  return `${scheme}//${parsed.host}${path}/api/publish`
}

// The URL itself is not shown: some carry secrets.
function refuse(why: string): never {
  const message = `publish: url: expected an http:, https:, ws: or wss: URL; ${why}.`
  throw new TautlineError('misuse/invalid-argument', { message })
}
