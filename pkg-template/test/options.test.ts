import { expect, test } from 'vitest'
import { parseOptions } from '../src/options.ts'

const parse = (options: object): ReturnType<typeof parseOptions> => parseOptions({ url: 'ws://localhost/', ...options })
const refusal = (options: unknown): string => {
  try {
    parse(options as object)
  } catch (error) {
    const { code, message } = error as { code: string; message: string }
    return `${code}: ${message}`
  }
  return 'accepted'
}

test('the defaults are those of the documentation', () => {
  expect(parse({}).core).toEqual({
    resolveTimeoutMs: 15_000,
    connectTimeoutMs: 10_000,
    handshakeTimeoutMs: 10_000,
    ackTimeoutMs: 20_000,
    requestTimeoutMs: 10_000,
    subscribeTimeoutMs: 10_000,
    backoff: { minMs: 500, maxMs: 20_000, factor: 2, stableMs: 5_000, fastAttempts: 15, slowMs: 60_000 },
    heartbeat: { intervalMs: 0, timeoutMs: 0, probeMs: 4_000 },
    queue: { max: 1_000, maxBytes: 4_194_304, overflow: 0 },
    rate: { messages: 0, perMs: 0 },
  })
})

test('what is given takes the place of a default, undefined does not', () => {
  const { core } = parse({
    connectTimeoutMs: undefined,
    ackTimeoutMs: 5,
    backoff: { minMs: 0, maxMs: undefined },
    queue: { overflow: 'drop-oldest' },
    rateLimit: { messages: 5, perMs: 1_000 },
  })
  expect(core).toMatchObject({
    connectTimeoutMs: 10_000,
    ackTimeoutMs: 5,
    backoff: { minMs: 0, maxMs: 20_000 },
    queue: { max: 1_000, overflow: 1 },
    rate: { messages: 5, perMs: 1_000 },
  })
})

test('a wrong option is refused by its name, with what was expected and what came', () => {
  expect(refusal({ ackTimeoutMs: '5' })).toMatch(/^misuse\/invalid-option: .*ackTimeoutMs: expected a number from 1 to 86400000; came: 5\./)
  expect(refusal({ ackTimeoutMs: NaN })).toContain('ackTimeoutMs')
  expect(refusal({ ackTimeoutMs: 0 })).toContain('ackTimeoutMs')
  expect(refusal({ backoff: { maxMs: 10 } })).toContain('backoff.maxMs: expected at least backoff.minMs (500); came: 10.')
  expect(refusal({ backoff: { max: 10 } })).toContain('backoff.max: expected one of minMs, maxMs')
  expect(refusal({ heartbeat: 5 })).toContain('heartbeat: expected an object')
  expect(refusal({ queue: { overflow: 'newest' } })).toContain("queue.overflow: expected 'reject' or 'drop-oldest'; came: newest.")
  expect(refusal({ rateLimit: { messages: 5 } })).toContain('rateLimit.perMs')
  expect(refusal({ reconnect: true })).toContain('reconnect: expected one of')
  expect(refusal({ __proto__: null, constructor: 1 })).toContain('constructor')
  expect(() => parseOptions(undefined as never)).toThrow(/expected an object/)
})

test('a secret is never part of an error', () => {
  expect(refusal({ token: { secret: 'hush' } })).toContain('token: expected a string or a function; came: object.')
  expect(refusal({ session: 'hush hush hush hush' })).not.toContain('hush')
  expect(refusal({ session: 'short' })).toContain('session: expected 16 to 64')
})
