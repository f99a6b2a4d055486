/** Decides what URL a socket is opened with. */
import { invalid, kindOf } from './error.ts'

/** Refuses a URL that can never work; where a relative one leads is seen when there is a page to be relative to. */
export function checkUrl(url: unknown): void {
  resolveUrl(url, 'ws://page')
}

/** The `ws:` or `wss:` URL. */
export function resolveUrl(url: unknown, base: string | undefined = globalThis.location?.href): string {
  if (!(url instanceof URL) && (typeof url !== 'string' || !url)) refuse(url === '' ? url : kindOf(url))
  let parsed: URL
  try {
    parsed = new URL(url, base)
  } catch {
    refuse(base ? 'one that cannot be read' : 'a relative one where there is no page')
  }
  const { protocol, hash } = parsed
  parsed.protocol = protocol.replace('http', 'ws')
  if (!/^wss?:$/.test(parsed.protocol)) refuse(protocol)
  if (hash) refuse('one with a fragment, which a WebSocket cannot have')
  return parsed.href
}

// The URL itself is not shown: some carry secrets.
function refuse(came: string): never {
  invalid('url', 'a ws:, wss:, http: or https: URL, or one relative to the page', came)
}
