/** tautline/server with a relay that a test plays; the real one is in tests/e2e/specs/server.spec.ts. */
import { readFileSync } from 'node:fs'
import { jwtVerify } from 'jose'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { closeCodes, createToken, type ErrorCode, isTautlineError, type Outbound, publish, type PublishOptions } from '../src/server/index.ts'

const KEY = 'a-key-of-sixteen-or-more'
const SECRET = 'a secret of thirty-two bytes or more'
const message = { channel: 'user:7', event: 'note', payload: { text: 'hi' } }
const relay: PublishOptions = { url: 'https://relay.example', apiKey: KEY }

const fetch = vi.fn<typeof globalThis.fetch>()
beforeEach(() => {
  vi.stubGlobal('fetch', fetch.mockReset())
  answers(200, { epoch: 'e', offset: 3 })
})
afterEach(() => {
  vi.useRealTimers()
})

function answers(status: number, body: unknown, headers: Record<string, string> = { 'content-type': 'application/json' }): void {
  fetch.mockImplementation(async () => new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers }))
}

/** How it fails: the code, whether it may be there all the same, and the words. */
async function failure(promise: Promise<unknown>): Promise<[ErrorCode, boolean, string]> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!isTautlineError(error)) throw new Error(`expected a TautlineError, came: ${String(error)}`)
  expect(JSON.stringify([error.message, error.details])).not.toContain(KEY)
  return [error.code, error.details.maybeDelivered === true, error.message]
}

test('one request carries the message and the key, and the answer says where it stands', async () => {
  expect(await publish(message, relay)).toEqual({ epoch: 'e', offset: 3 })
  const [address, init] = fetch.mock.calls[0] ?? []
  expect(address).toBe('https://relay.example/api/publish')
  expect(init).toMatchObject({ method: 'POST', redirect: 'manual', headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' } })
  expect(JSON.parse(String(init?.body))).toEqual(message)
  await publish({ channel: 'c', event: 'e' }, relay)
  expect(fetch.mock.calls[1]?.[1]?.body).toBe('{"channel":"c","event":"e","payload":null}')
})

test.each([
  ['https://relay.example/ws', 'https://relay.example/api/publish'],
  ['wss://relay.example/ws', 'https://relay.example/api/publish'],
  ['ws://127.0.0.1:7700', 'http://127.0.0.1:7700/api/publish'],
  ['https://example.com/realtime/ws/', 'https://example.com/realtime/api/publish'],
  ['https://example.com/realtime/', 'https://example.com/realtime/api/publish'],
  ['https://example.com/news', 'https://example.com/news/api/publish'],
])('the relay at %s is asked at %s', async (url, address) => {
  await publish(message, { ...relay, url })
  expect(fetch.mock.calls[0]?.[0]).toBe(address)
})

test('an idempotency key goes along, and one that no header can carry is refused', async () => {
  await publish(message, { ...relay, idempotencyKey: 'order 7' })
  expect(fetch.mock.calls[0]?.[1]?.headers).toMatchObject({ 'idempotency-key': 'order 7' })
  await publish(message, relay)
  expect(fetch.mock.calls[1]?.[1]?.headers).not.toHaveProperty('idempotency-key')
  for (const idempotencyKey of ['', ' a', 'a ', 'ä', 'a\nb', 'x'.repeat(129)]) {
    expect(await failure(publish(message, { ...relay, idempotencyKey }))).toMatchObject(['misuse/invalid-argument', false, expect.stringContaining('idempotencyKey')])
  }
  expect(fetch).toHaveBeenCalledTimes(2)
})

test('what cannot work is refused before anything leaves', async () => {
  const wrong: [Outbound, object, ErrorCode][] = [
    [{ ...message, channel: '' }, {}, 'misuse/invalid-argument'],
    [{ ...message, event: '$typing' }, {}, 'misuse/invalid-argument'],
    [{ ...message, payload: 1n }, {}, 'misuse/unserialisable'],
    [{ ...message, payload: new Uint8Array(1) }, {}, 'misuse/unserialisable'],
    [message, { url: undefined }, 'misuse/invalid-argument'],
    [message, { url: 'ftp://relay.example' }, 'misuse/invalid-argument'],
    [message, { apiKey: undefined }, 'misuse/invalid-argument'],
    [message, { apiKey: `${KEY}\r\nx: y` }, 'misuse/invalid-argument'],
    [message, { timeoutMs: 0 }, 'misuse/invalid-argument'],
    [message, { signal: AbortSignal.abort() }, 'dropped/cancelled'],
  ]
  for (const [given, options, code] of wrong) {
    expect((await failure(publish(given, { ...relay, ...options }))).slice(0, 2)).toEqual([code, false])
  }
  expect(fetch).not.toHaveBeenCalled()
})

const said = { error: { code: 'x', message: 'the relay says why' } }
test.each<[number, unknown, ErrorCode, boolean, string]>([
  [400, said, 'refused/bad-frame', false, 'the relay says why'],
  [401, said, 'refused/forbidden', false, 'the relay has another one'],
  [404, said, 'misuse/unsupported', false, 'TAUTLINE_API_KEY'],
  [413, said, 'refused/too-large', false, 'the relay says why'],
  [503, said, 'refused/unavailable', true, 'the relay says why'],
  [418, said, 'peer/protocol', false, 'HTTP 418'],
  [200, { offset: 3 }, 'peer/protocol', false, 'without epoch'],
  [200, 'null', 'peer/protocol', false, 'without epoch'],
  [200, '{', 'peer/protocol', false, 'no JSON'],
])('HTTP %i with %j is %s', async (status, body, code, maybe, words) => {
  answers(status, body)
  const found = await failure(publish(message, relay))
  expect(found).toEqual([code, maybe, expect.stringContaining(words)])
})

test.each<[number, ErrorCode]>([
  [200, 'peer/protocol'],
  [301, 'peer/protocol'],
  [404, 'peer/protocol'],
  [502, 'refused/unavailable'],
  [504, 'refused/unavailable'],
])('a page with HTTP %i, which no relay sent, is %s', async (status, code) => {
  answers(status, '<html>', { 'content-type': 'text/html' })
  expect((await failure(publish(message, relay)))[0]).toBe(code)
})

/** A relay that never answers, and is told when nobody waits any more. */
function mute(): void {
  fetch.mockImplementation(
    (_, init) => new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError')))),
  )
}

test('a relay that never answers is late, and may have published it', async () => {
  vi.useFakeTimers()
  mute()
  const failed = failure(publish(message, { ...relay, timeoutMs: 500 }))
  await vi.advanceTimersByTimeAsync(500)
  expect((await failed).slice(0, 2)).toEqual(['late/reply', true])
  expect(vi.getTimerCount()).toBe(0)
})

test('a signal that aborts ends the wait', async () => {
  mute()
  const caller = new AbortController()
  const failed = failure(publish(message, { ...relay, signal: caller.signal }))
  caller.abort()
  expect((await failed).slice(0, 2)).toEqual(['dropped/cancelled', true])
})

test('a relay that is not there is a lost network with its cause, and nothing is tried twice', async () => {
  fetch.mockRejectedValue(new TypeError('fetch failed'))
  const error = await publish(message, relay).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'lost/network', retryable: true, cause: { message: 'fetch failed' } })
  expect(fetch).toHaveBeenCalledTimes(1)
})

test('a token says who, for how long and which channels, signed with the secret', async () => {
  const before = Math.floor(Date.now() / 1000)
  const token = await createToken({ secret: SECRET, user: 'ada', channels: ['user:ada', 'room:*'], expiresInMs: 90_500 })
  const { payload, protectedHeader } = await jwtVerify(token, new TextEncoder().encode(SECRET), { algorithms: ['HS256'] })
  expect(protectedHeader).toEqual({ alg: 'HS256', typ: 'JWT' })
  expect(payload).toEqual({ sub: 'ada', channels: ['user:ada', 'room:*'], iat: expect.any(Number), exp: Number(payload.iat) + 90 })
  expect(payload.iat).toBeGreaterThanOrEqual(before)
  const bytes = new TextEncoder().encode(`--${SECRET}`).subarray(2)
  const same = await createToken({ secret: bytes, user: 'ada', channels: [] })
  expect(await jwtVerify(same, new TextEncoder().encode(SECRET))).toMatchObject({ payload: { channels: [] } })
})

test('a token that the relay would refuse is not made, and the secret is not told', async () => {
  const wrong: [string, unknown][] = [
    ['secret', 'hush'],
    ['secret', undefined],
    ['user', ''],
    ['user', 'ä'.repeat(65)],
    ['user', undefined],
    ['channels', 'room'],
    ['channels', ['room', '']],
    ['expiresInMs', 999],
    ['expiresInMs', Number.NaN],
  ]
  for (const [name, value] of wrong) {
    const options = { secret: SECRET, user: 'ada', channels: [], [name]: value }
    const [code, , words] = await failure(createToken(options))
    expect(code).toBe('misuse/invalid-argument')
    expect(words).toContain(`createToken: ${name}`)
    expect(words).not.toMatch(/hush|a secret of/)
  }
})

test('the close codes are those of the protocol', () => {
  const page = readFileSync(new URL('../../docs/PROTOCOL.md', import.meta.url), 'utf8')
  const section = page.slice(page.indexOf('## 6. Close codes'), page.indexOf('## 7.'))
  const listed = [...section.matchAll(/^\| (4\d{3}) \|/gm)].map(([, code]) => Number(code))
  expect(Object.values(closeCodes).sort()).toEqual(listed.sort())
})
