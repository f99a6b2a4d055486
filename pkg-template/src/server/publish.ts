/** Publishes through the relay's `POST /api/publish`. */
import type { ErrorCode } from '../codes.ts'
import { type ErrorDetails, TautlineError } from '../error.ts'
import type { EventName, RegisteredEvents } from '../events.ts'
import { checkName } from '../name.ts'
import { encode } from '../payload.ts'
import { addressOf } from './address.ts'

/** A message on its way out: to which channel, of which event, with what. The payload may be left out only where the event may carry nothing. */
export type Outbound<Events extends object = RegisteredEvents> = {
  [Name in EventName<Events>]: Addressed<Name> & Carries<Events[Name]>
}[EventName<Events>]

/** What every {@link Outbound} has. */
export interface Addressed<Name extends string> {
  /** Where: 1 to 128 bytes. */
  readonly channel: string
  /** What the channel's listeners listen to. */
  readonly event: Name
}

/** What an {@link Outbound} carries: anything that JSON can say. Bytes have no place in this API: send them from a client. */
export type Carries<Payload> = undefined extends Payload ? { readonly payload?: Payload } : { readonly payload: Payload }

/** Which relay, and how. */
export interface PublishOptions {
  /** The relay: `https://relay.example`, or the very URL that clients connect to, `wss://relay.example/ws`. */
  readonly url: string | URL
  /** What the relay was given as `TAUTLINE_API_KEY`. It never appears in errors, and is never sent after a redirect. */
  readonly apiKey: string
  /** How long it may take, in milliseconds. Default 10,000: a handler that waits longer holds up whoever called it. */
  readonly timeoutMs?: number | undefined
  /**
   * Names this publish: what comes again with the same key is published once, and answered as the first was. 1 to 128 printable ASCII
   * characters without spaces at the ends, such as `crypto.randomUUID()`. The relay remembers it for five minutes. Default none.
   */
  readonly idempotencyKey?: string | undefined
  /** Gives up when it aborts, such as the `signal` of the request that is being answered. */
  readonly signal?: AbortSignal | undefined
}

/** Where a message stands. */
export interface Published {
  /** Which history of the channel. */
  readonly epoch: string
  /** Its place there: {@link Message.offset} where it arrives. */
  readonly offset: number
}

/**
 * Publishes a message to everybody who listens to a channel. It is in the channel's history when the promise resolves.
 *
 * It is tried once. Where the error says `details.maybeDelivered` the relay may have published it all the same: to publish it again
 * doubles it, unless both have the same `idempotencyKey`.
 *
 * @example
 * const relay = { url: process.env.RELAY_URL, apiKey: process.env.TAUTLINE_API_KEY }
 * await publish({ channel: 'user:7', event: 'notification', payload: { text: 'hi' } }, relay)
 *
 * @throws {TautlineError} `misuse/invalid-argument`, `misuse/unserialisable`: the call is wrong. `misuse/unsupported`: the relay was
 * started without an API key. `refused/forbidden`: the key is another one. `refused/too-large`, `refused/bad-frame`. Try again later:
 * `refused/unavailable`, `lost/network`, `late/reply`. `dropped/cancelled`: the signal aborted. `peer/protocol`: something else than a
 * relay answered.
 */
export async function publish<Events extends object = RegisteredEvents>(
  message: Outbound<Events>,
  { url, apiKey, timeoutMs = 10_000, idempotencyKey, signal }: PublishOptions,
): Promise<Published> {
  const { channel, event, payload } = message as Addressed<string> & { payload?: unknown }
  checkName('channel', channel)
  checkName('event', event)
  const json = encode(payload) ?? 'null'
  if (typeof json !== 'string') throw new TautlineError('misuse/unserialisable', { message: 'payload: bytes cannot go over this API.' })
  const address = addressOf(url)
  if (!/^[\x21-\x7e]+$/.test(String(apiKey ?? ''))) refuse('apiKey: expected printable ASCII; is the environment variable set?')
  if (idempotencyKey !== undefined && !/^[\x21-\x7e]([\x20-\x7e]{0,126}[\x21-\x7e])?$/.test(String(idempotencyKey))) {
    refuse('idempotencyKey: expected 1 to 128 printable ASCII characters, no space at either end.')
  }
  if (!(timeoutMs > 0)) refuse('timeoutMs: expected a number above 0.')

  const limit = new AbortController()
  const abort = (): void => limit.abort()
  // Longer waits than timers can count are as good as none.
  const timer = setTimeout(abort, Math.min(timeoutMs, 2 ** 31 - 1))
  signal?.addEventListener('abort', abort)
  try {
    if (signal?.aborted) throw new TautlineError('dropped/cancelled')
    const body = `{"channel":${JSON.stringify(channel)},"event":${JSON.stringify(event)},"payload":${json}}`
    const headers: Record<string, string> = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' }
    if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey
    return await answerOf(await fetch(address, { method: 'POST', headers, body, redirect: 'manual', signal: limit.signal }))
  } catch (cause) {
    if (cause instanceof TautlineError) throw cause
    const code = signal?.aborted ? 'dropped/cancelled' : limit.signal.aborted ? 'late/reply' : 'lost/network'
    throw new TautlineError(code, { cause, details: { maybeDelivered: true } })
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}

/** What a status of the relay means, and whether the message may be there all the same. */
const STATUSES: Readonly<Record<number, readonly [ErrorCode, ErrorDetails, string?]>> = {
  400: ['refused/bad-frame', {}],
  401: ['refused/forbidden', {}, 'apiKey: the relay has another one.'],
  404: ['misuse/unsupported', {}, 'Start the relay with TAUTLINE_API_KEY, and check the URL.'],
  413: ['refused/too-large', {}],
  // Its Redis may have taken it before it stopped answering.
  503: ['refused/unavailable', { maybeDelivered: true }],
}

async function answerOf(response: Response): Promise<Published> {
  const { ok, status, headers } = response
  const known = STATUSES[status]
  if (!/^application\/json\b/i.test(headers.get('content-type') ?? '') || !(ok || known)) {
    await response.body?.cancel()
    // A proxy says the same where the relay is away.
    if (status === 502 || status === 503 || status === 504) throw new TautlineError('refused/unavailable', { details: { maybeDelivered: true } })
    throw strange(`HTTP ${status}`)
  }
  const { epoch, offset, error } = (await json(response)) as { epoch?: unknown; offset?: unknown; error?: { message?: unknown } }
  if (known) {
    const [code, details, message] = known
    const said = typeof error?.message === 'string' && !message ? { serverMessage: error.message } : {}
    throw new TautlineError(code, { details: { ...details, ...said }, ...(message && { message }) })
  }
  if (typeof epoch !== 'string' || typeof offset !== 'number') throw strange('JSON without epoch and offset')
  return { epoch, offset }
}

async function json(response: Response): Promise<object> {
  const text = await response.text()
  try {
    return (JSON.parse(text) as object | null) ?? {}
  } catch (cause) {
    throw strange('what is no JSON', cause)
  }
}

function strange(came: string, cause?: unknown): TautlineError {
  return new TautlineError('peer/protocol', { message: `publish: expected a relay's answer, came: ${came}.`, cause })
}

function refuse(message: string): never {
  throw new TautlineError('misuse/invalid-argument', { message: `publish: ${message}` })
}
