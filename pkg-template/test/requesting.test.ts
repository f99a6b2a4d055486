import { expect, test, vi } from 'vitest'
import { REPLY, REQUEST_FAILED } from '../src/core.ts'
import { connectFake, createFake } from './fake-core.ts'

test('a request resolves with its own answer', async () => {
  const { client, core } = connectFake({ requestTimeoutMs: 777 })
  const first = client.channel('room').request('who', { all: true })
  const second = client.request('time', undefined, { timeoutMs: 5 })
  const third = client.request('who', null, { channel: 'room' })
  core.tell(REPLY, 2, 0, 0, 'noon')
  core.tell(REPLY, 1, 0, 0, ['ada'])
  core.tell(REPLY, 3)
  await expect(first).resolves.toEqual(['ada'])
  await expect(second).resolves.toBe('noon')
  await expect(third).resolves.toBeUndefined()
  expect(core.of('request')).toEqual([
    [1, '"who"', '{"all":true}', 0, 777],
    [0, '"time"', undefined, 0, 5],
    [1, '"who"', 'null', 0, 777],
  ])
})

test('a request rejects with the reason, whenever the core knows it', async () => {
  const { client, core } = connectFake()
  const refused = client.request('who')
  core.tell(REQUEST_FAILED, 1, 21, 0, { message: 'who?' })
  core.inside = (id) => core.tell(REQUEST_FAILED, id, 35)
  const atOnce = client.request('who')
  core.refusal = 37
  const full = client.request('who')
  const wrong = client.request('$who')
  const bytes = client.request('who', new Uint8Array(1))
  const outcomes = await Promise.allSettled([refused, atOnce, full, wrong, bytes])
  expect(outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason)).toMatchObject([
    { code: 'refused/unknown-request', details: { serverMessage: 'who?' } },
    { code: 'late/reply', retryable: true },
    { code: 'dropped/overflow' },
    { code: 'misuse/invalid-argument' },
    { code: 'misuse/unserialisable' },
  ])
})

test('a request is cancelled by its signal, and by destroy', async () => {
  const { client, core } = connectFake()
  const abort = new AbortController()
  const cancelled = client.request('who', null, { signal: abort.signal })
  const never = client.request('who', null, { signal: AbortSignal.abort('no') })
  const destroyed = client.request('who')
  abort.abort('why')
  client.destroy()
  await expect(cancelled).rejects.toMatchObject({ code: 'dropped/cancelled', cause: 'why' })
  await expect(never).rejects.toMatchObject({ code: 'dropped/cancelled', cause: 'no' })
  await expect(destroyed).rejects.toMatchObject({ code: 'dropped/closed' })
  await expect(client.request('who')).rejects.toMatchObject({ code: 'misuse/destroyed' })
  expect(core.of('cancelRequest')).toEqual([[1]])
})

test('a request that was answered leaves nothing behind at its signal', async () => {
  const { client, core } = connectFake()
  const { signal } = new AbortController()
  const added = vi.spyOn(signal, 'addEventListener')
  const removed = vi.spyOn(signal, 'removeEventListener')
  const answer = client.request('who', null, { signal })
  core.tell(REPLY, 1)
  await answer
  expect(removed.mock.calls).toEqual(added.mock.calls)
})

test('history is read into messages, and bytes in it become bytes again', async () => {
  const { client, core } = connectFake()
  const page = client.channel('room').history({ limit: 2, before: 9, timeoutMs: 5 })
  expect(core.of('request')).toEqual([[1, '"history"', '{"limit":2,"before":9}', 0, 5]])
  core.tell(REPLY, 1, 0, 0, {
    epoch: 'e',
    more: true,
    messages: [
      { type: 'message', channel: 'room', event: 'text', offset: 7, from: 'me', sender: 4, id: 1, time: 99, payload: { a: 1 } },
      { type: 'message', channel: 'room', event: 'file', offset: 8, from: 'you', id: 2, time: 99, payload: { $binary: 'AQI=' } },
    ],
  })
  const { epoch, more, messages } = await page
  expect({ epoch, more }).toEqual({ epoch: 'e', more: true })
  expect(messages[0]).toMatchObject({ channel: 'room', event: 'text', offset: 7, id: 1, own: true, binary: false, payload: { a: 1 } })
  expect(messages[1]).toMatchObject({ event: 'file', own: false, binary: true, payload: new Uint8Array([1, 2]) })
})

test('a page of history that is none is refused as the server\'s fault', async () => {
  const { client, core } = connectFake()
  const page = client.channel('room').history()
  core.tell(REPLY, 1, 0, 0, null)
  await expect(page).rejects.toMatchObject({ code: 'peer/bad-frame' })
})

test('a request made on a page that cannot load the core is refused as such', async () => {
  const client = createFake({}, () => {
    throw new Error('CSP')
  })
  await expect(client.request('who')).rejects.toMatchObject({ code: 'internal/wasm-load', cause: new Error('CSP') })
})

test('a core that dies of a request fails it, and leaves no rejection that nobody hears', async () => {
  const { client, core } = connectFake()
  core.inside = () => {
    throw new Error('unreachable')
  }
  await expect(client.channel('room').request('x')).rejects.toMatchObject({ code: 'internal/panic' })
})
