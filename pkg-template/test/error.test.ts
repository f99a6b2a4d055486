import { expect, test } from 'vitest'
import errorRs from '../../src/error.rs?raw'
import { codes, wordsOf } from '../src/codes.ts'
import { fromCore, isTautlineError, TautlineError } from '../src/error.ts'

test('the codes are those of the core, in the order of their numbers', () => {
  const ours = codes.map((code, index) => `${index + 1} ${code}`)
  const theirs = [...errorRs.matchAll(/= (\d+), "([a-z/-]+)"/g)].map((match) => `${match[1]} ${match[2]}`)
  expect(ours).toEqual(theirs)
})

test('every code has a sentence', () => {
  for (const code of codes) expect(wordsOf(code)).toMatch(/^[A-Z].*[\w`)]\.$/)
})

test('an error says what happened, what is known and its code', () => {
  const error = fromCore(17, { message: 'too big', limit: 5, size: 9, retry: 3 }, { maybeDelivered: true })
  expect(error).toBeInstanceOf(Error)
  expect(error.message).toBe('The server refused: too large. The server says: too big [refused/too-large]')
  expect(error).toMatchObject({ name: 'TautlineError', code: 'refused/too-large', blame: 'refused', retryable: false })
  expect(error.details).toEqual({ serverMessage: 'too big', limit: 5, size: 9, retryInMs: 3, maybeDelivered: true })
})

test('whether a call may succeed later follows from the code', () => {
  const retryable = codes.filter((code) => new TautlineError(code).retryable)
  expect(retryable).toEqual([
    'refused/rate-limited', 'refused/unavailable',
    'lost/closed', 'lost/network', 'lost/heartbeat', 'lost/reconnect-asked', 'lost/server-busy', 'lost/page-hidden', 'lost/provider',
    'late/resolve', 'late/open', 'late/handshake', 'late/ack', 'late/reply', 'late/subscribe',
    'dropped/overflow', 'dropped/expired', 'dropped/not-connected', 'dropped/rate-limited',
  ])
})

test('an error of another copy of the package is known, a lookalike is not', async () => {
  const copy = (await import('../src/error.ts?copy' as string)) as typeof import('../src/error.ts')
  expect(copy.TautlineError).not.toBe(TautlineError)
  expect(isTautlineError(new copy.TautlineError('late/ack'))).toBe(true)
  expect(isTautlineError(Object.assign(new Error(), { name: 'TautlineError', code: 'late/ack' }))).toBe(false)
  expect(isTautlineError(null)).toBe(false)
})
