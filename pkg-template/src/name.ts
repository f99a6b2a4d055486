/** The rule for the names of channels and events, which is the protocol's. */
import { shown, TautlineError } from './error.ts'

const MOST = 128
const REMEMBERED = 500
const quoted = new Map<string, string>()

/** Refuses a name that the protocol does not allow. */
export function checkName(what: 'channel' | 'event', name: unknown): asserts name is string {
  // Half of a surrogate pair (Cs) has no bytes: no server could read the name.
  const [right, rule] = what === 'event' ? [/^(?!\$)[^\p{Cc}\p{Cs}]+$/u, ', or a leading $'] : [/^[^\p{Cc}\p{Cs}]+$/u, '']
  if (typeof name === 'string' && right.test(name) && new TextEncoder().encode(name).length <= MOST) return
  const message = `The name of the ${what} must be a string of 1 to ${MOST} bytes without control characters or lone surrogates${rule}; came: ${shown(name)}.`
  throw new TautlineError('misuse/invalid-argument', { message })
}

/** An event's name as JSON. Remembered, because applications have few names and send often. */
export function quoteEvent(event: unknown): string {
  let json = quoted.get(event as string)
  if (json === undefined) {
    checkName('event', event)
    json = JSON.stringify(event)
    if (quoted.size >= REMEMBERED) quoted.clear()
    quoted.set(event, json)
  }
  return json
}
