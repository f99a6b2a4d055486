import { expect, test } from 'vitest'
import { REDACTED, redactFrame, redactText, redactUrl } from '../../../src/react/ui/inspector/redact.ts'

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const OPAQUE = 'a9F3kQ7xZ1mB5vN8tR2wY6uC'

test('an address keeps where it leads, and loses who goes there', () => {
  expect(redactUrl(`wss://ada:pw@example.com:8443/ws/v2?token=${OPAQUE}&v=10&token=x#${JWT}`)).toBe(
    `wss://example.com:8443/ws/v2?token=${REDACTED}&v=${REDACTED}`,
  )
  expect(redactUrl(`wss://example.com/ws/${OPAQUE}/room`)).toBe(`wss://example.com/ws/${REDACTED}/room`)
  expect(redactUrl('nothing')).toBe('')
})

test('a text loses tokens of every kind, and keeps words, numbers and UUIDs', () => {
  for (const secret of [JWT, OPAQUE, `Bearer ${OPAQUE}`, 'Bearer short', '0123456789abcdef0123456789abcdef']) {
    expect(redactText(`before ${secret} after`)).toBe(`before ${REDACTED} after`)
  }
  for (const plain of ['room 1234567890', '6fa459ea-ee8a-3ca4-894e-db77e160355e', 'MESSAGE_RECEIVED', 'lost/network']) {
    expect(redactText(plain)).toBe(plain)
  }
})

test('a frame that says who somebody is shows nothing but that it does', () => {
  const { kind, preview } = redactFrame(JSON.stringify({ type: 'hello', session: 'secret', token: 'short', client: { name: 'Ada' }, version: 1 }))
  expect(kind).toBe('hello')
  expect(JSON.parse(preview)).toEqual({ type: 'hello', session: REDACTED, token: REDACTED, client: { name: REDACTED }, version: 1 })
})

test('any other frame shows its content without what is called a secret or looks like one', () => {
  const frame = { type: 'publish', event: 'message', payload: { text: 'Hello', apiKey: 'k', list: [OPAQUE, { password: [1] }] } }
  const { kind, preview } = redactFrame(JSON.stringify(frame))
  expect(kind).toBe('publish message')
  expect(JSON.parse(preview)).toEqual({
    ...frame,
    payload: { text: 'Hello', apiKey: REDACTED, list: [REDACTED, { password: REDACTED }] },
  })
})

test('what cannot be read is not shown', () => {
  const nothing = { kind: '', preview: '' }
  expect(redactFrame(`AUTH ${OPAQUE}`)).toEqual(nothing)
  expect(redactFrame(JSON.stringify({ type: 'x', payload: 'y'.repeat(70_000) }))).toEqual(nothing)
  expect(redactFrame(new Uint8Array([9, 9, 9]))).toEqual(nothing)
  expect(redactFrame(new Blob(['{"type":"x"}']))).toEqual(nothing)
  expect(redactFrame(JSON.stringify({ type: `${OPAQUE}`, event: '<img>' })).kind).toBe(REDACTED)
})

test('of bytes the header is shown', () => {
  const head = new TextEncoder().encode('{"type":"message","token":"t"}')
  const frame = new Uint8Array([1, 0, head.length, ...head, 1, 2, 3])
  expect(redactFrame(frame.buffer)).toEqual({ kind: 'message', preview: `{"type":"message","token":"${REDACTED}"}` })
})

test('a frame nested without end, and one with the names of the prototype, are data', () => {
  const deep = `${'['.repeat(200)}"x"${']'.repeat(200)}`
  expect(redactFrame(deep).preview).toContain(REDACTED)
  expect(redactFrame('{"__proto__":{"type":"x"},"type":"y"}').kind).toBe('y')
})
