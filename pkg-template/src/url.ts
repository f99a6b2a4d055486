/** Decides what URL a socket is opened with. */
import { TautlineError } from './error.ts'

const SCHEMES: Readonly<Record<string, string>> = { 'ws:': 'ws:', 'wss:': 'wss:', 'http:': 'ws:', 'https:': 'wss:' }
const ABSOLUTE = /^[a-z][a-z\d+.-]*:/i

/** Refuses a URL that can never work; a relative one is judged when there is a page to be relative to. */
export function checkUrl(url: unknown): void {
  if (!(url instanceof URL) && typeof url !== 'string') refuse(`came: ${url === null ? 'null' : typeof url}`)
  if (url instanceof URL || url === '' || ABSOLUTE.test(url)) resolveUrl(url)
}

/** The `ws:` or `wss:` URL. */
export function resolveUrl(url: unknown): string {
  if (!(url instanceof URL) && typeof url !== 'string') refuse(`came: ${url === null ? 'null' : typeof url}`)
  const base = globalThis.location?.href
  let parsed: URL
  try {
    if (url === '') throw new TypeError('empty')
    parsed = new URL(url, base)
  } catch {
    refuse(url === '' ? 'it is empty' : base ? 'it cannot be read' : 'it is relative, and there is no page to be relative to')
  }
  const scheme = SCHEMES[parsed.protocol]
  if (!scheme) refuse(`its scheme is ${parsed.protocol}`)
  if (parsed.hash) refuse('it has a fragment, which a WebSocket cannot have')
  parsed.protocol = scheme
  return parsed.href
}

// The URL itself is not shown: some carry secrets.
function refuse(why: string): never {
  const message = `url: expected a ws:, wss:, http: or https: URL, or one relative to the page; ${why}.`
  throw new TautlineError('misuse/invalid-option', { message })
}
