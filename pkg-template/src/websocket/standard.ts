/** What the standard asks of arguments, and its events where the runtime lacks them. */

const TOKEN = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/
const SCHEMES: Readonly<Record<string, string>> = { 'http:': 'ws:', 'https:': 'wss:' }

/** The `ws:` or `wss:` URL, or a `SyntaxError`. */
export function checkUrl(url: unknown): string {
  let parsed: URL
  try {
    parsed = new URL(String(url), globalThis.location?.href)
  } catch {
    throw syntaxError('the URL cannot be read')
  }
  parsed.protocol = SCHEMES[parsed.protocol] ?? parsed.protocol
  if (!/^wss?:$/.test(parsed.protocol)) throw syntaxError(`the URL's scheme is ${parsed.protocol}; expected ws:, wss:, http: or https:`)
  if (parsed.hash) throw syntaxError('the URL has a fragment')
  return parsed.href
}

/** A list without doubles, or a `SyntaxError`. */
export function checkProtocols(given: string | readonly string[] | null | undefined): readonly string[] {
  const list = typeof given === 'string' ? [given] : [...(given ?? [])]
  if (new Set(list).size < list.length) throw syntaxError('a subprotocol is named twice')
  if (!list.every((name) => TOKEN.test(name))) throw syntaxError('a subprotocol is not a token')
  return list
}

/** Throws what the browser's `close` would throw. */
export function checkClose(code: number | undefined, reason: string | undefined): void {
  if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) {
    throw new DOMException(`The close code must be 1000 or from 3000 to 4999; came: ${code}.`, 'InvalidAccessError')
  }
  if (reason !== undefined && new TextEncoder().encode(reason).length > 123) {
    throw syntaxError('the close reason has more than 123 bytes')
  }
}

function syntaxError(why: string): DOMException {
  return new DOMException(`TautlineSocket: ${why}.`, 'SyntaxError')
}

/** A `close` event; Node before 23 has no class for it. */
export function closeEvent(code: number, reason: string, wasClean: boolean): CloseEvent {
  const init = { code, reason, wasClean }
  return typeof CloseEvent === 'function' ? new CloseEvent('close', init) : (Object.assign(new Event('close'), init) as CloseEvent)
}

/** An `error` event that says why. */
export function errorEvent(error: unknown): Event {
  const message = error instanceof Error ? error.message : String(error)
  return Object.assign(new Event('error'), { error, message })
}
