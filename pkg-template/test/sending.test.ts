import { expect, test, vi } from 'vitest'
import { ACKED, FAILED, REQUEUED, SENT } from '../src/core.ts'
import { connectFake, createFake, FakeCore } from './fake-core.ts'

test('a payload is taken as it is at the call', () => {
  const { client, core } = connectFake()
  const payload = { text: 'before' }
  client.channel('room').send('message', payload, { ttlMs: 9 })
  payload.text = 'after'
  expect(core.of('publish')).toEqual([[1, '"message"', '{"text":"before"}', 17, 9]])
})

test('bytes in every form are copied at the call', () => {
  const { client, core } = connectFake()
  const bytes = new Uint8Array([0, 1, 2, 3, 4, 5])
  const room = client.channel('room')
  room.send('x', bytes)
  room.send('x', bytes.buffer)
  room.send('x', new DataView(bytes.buffer, 1, 2))
  room.send('x', new Uint16Array(bytes.buffer, 2, 1))
  bytes.fill(9)
  const sent = core.of('publish').map((call) => [call[2], call[3]])
  expect(sent).toEqual([
    [new Uint8Array([0, 1, 2, 3, 4, 5]), 6],
    [new Uint8Array([0, 1, 2, 3, 4, 5]), 6],
    [new Uint8Array([1, 2]), 2],
    [new Uint8Array([2, 3]), 2],
  ])
})

test('what JSON cannot say is refused at the call, with its path', () => {
  const { client, core } = connectFake()
  const room = client.channel('room')
  const circle: Record<string, unknown> = { list: [1] }
  circle['list'] = [{ back: circle }]
  const refusal = (payload: unknown): unknown => {
    try {
      return room.send('x', payload)
    } catch (error) {
      return error
    }
  }
  expect(refusal(circle)).toMatchObject({ code: 'misuse/unserialisable', message: expect.stringContaining('payload.list[0].back refers back') })
  expect(refusal({ a: { n: 1n } })).toMatchObject({ message: expect.stringContaining('payload.a.n is a bigint.') })
  expect(refusal(() => {})).toMatchObject({ message: expect.stringContaining('payload is a function.') })
  expect(refusal(Symbol('s'))).toMatchObject({ message: expect.stringContaining('payload is a symbol.') })
  const twice = { same: 1 }
  expect(refusal([twice, twice])).toMatchObject({ status: 'queued' })
  expect(refusal([twice, twice, 1n])).toMatchObject({ message: expect.stringContaining('payload[2] is a bigint.') })
  expect(core.of('publish')).toHaveLength(1)
})

test('an event may carry nothing', () => {
  const { client, core } = connectFake()
  client.channel('room').send('ping')
  expect(core.of('publish')[0]?.slice(1, 4)).toEqual(['"ping"', undefined, 0])
})

test('names that the protocol does not allow are refused at the call', () => {
  const { client } = connectFake()
  for (const name of ['', '$typing', 'a\n', 'a\ud83d', 'é'.repeat(65), 5 as unknown as string]) {
    expect(() => client.channel('room').send(name)).toThrow(expect.objectContaining({ code: 'misuse/invalid-argument' }))
  }
  for (const name of ['', 'a\u0000', 'a\ud83d', 'x'.repeat(129)]) {
    expect(() => client.channel(name)).toThrow(expect.objectContaining({ code: 'misuse/invalid-argument' }))
  }
  expect(client.channel('$allowed').name).toBe('$allowed')
})

test('a handle follows its message from the queue to the receipt', async () => {
  const { client, core } = connectFake()
  const handle = client.channel('room').send('message', 1)
  const seen: string[] = []
  handle.onStatus((status, same) => seen.push(`${status} ${same === handle}`))
  expect(handle).toMatchObject({ id: 1, status: 'queued', error: undefined })
  core.tell(SENT, 1)
  core.tell(REQUEUED, 1)
  core.tell(SENT, 1)
  core.tell(ACKED, 1, 42, 0, { epoch: 'e', time: 1000, channel: 'room' })
  core.tell(FAILED, 1, 24)
  expect(seen).toEqual(['sent true', 'queued true', 'sent true', 'acked true'])
  await expect(handle.receipt).resolves.toEqual({ status: 'acked', id: 1, channel: 'room', epoch: 'e', offset: 42, time: 1000 })
  expect(handle.receipt).toBe(handle.receipt)
})

test('a receipt asked for before or after the failure rejects with it, and nobody has to ask', async () => {
  const unhandled = vi.fn()
  const { process } = globalThis as unknown as { process: { on(event: string, fn: () => void): void; off(event: string, fn: () => void): void } }
  process.on('unhandledRejection', unhandled)
  const { client, core } = connectFake()
  const handle = client.channel('room').send('message', 1)
  const early = handle.receipt
  core.tell(FAILED, 1, 17, 1, { message: 'big', limit: 10, size: 20 })
  const error = {
    code: 'refused/too-large',
    blame: 'refused',
    retryable: false,
    details: { serverMessage: 'big', limit: 10, size: 20, maybeDelivered: true },
  }
  expect(handle).toMatchObject({ status: 'failed', error })
  await new Promise((resolve) => setTimeout(resolve))
  expect(unhandled).not.toHaveBeenCalled()
  process.off('unhandledRejection', unhandled)
  await expect(early).rejects.toMatchObject(error)
  await expect(handle.receipt).rejects.toBe(handle.error)
})

test('what the core says of a message before its call returns reaches that message', () => {
  const { client, core } = connectFake()
  const room = client.channel('room')
  core.inside = (id) => core.tell(SENT, id)
  const first = room.send('message', 1)
  expect(first).toMatchObject({ id: 1, status: 'sent' })
  let nested: { id: number; status: string } | undefined
  core.inside = (id) => {
    nested = room.send('message', 'nested')
    core.tell(SENT, id)
    core.tell(ACKED, id, 1, 0, { epoch: 'e', time: 1 })
    core.tell(FAILED, id + 1, 38)
  }
  const outer = room.send('message', 2)
  expect(outer).toMatchObject({ id: 2, status: 'acked' })
  expect(nested).toMatchObject({ id: 3, status: 'failed', error: { code: 'dropped/expired' } })
})

test('what is refused at once is thrown when the call was wrong, and is the outcome otherwise', () => {
  const { client, core } = connectFake()
  core.refusal = 5
  expect(() => client.send('message', 1)).toThrow(expect.objectContaining({ code: 'misuse/channel-required' }))
  core.refusal = 37
  expect(client.channel('room').send('message', 1)).toMatchObject({
    id: 0,
    status: 'failed',
    error: { code: 'dropped/overflow', retryable: true },
  })
})

test('the client sends to a channel by name', () => {
  const { client, core } = connectFake()
  client.send('message', 1, { channel: 'room' })
  client.send('message', 1)
  expect(core.of('publish').map((call) => call[0])).toEqual([1, 0])
})

test('where the server does not acknowledge, a message is done when it left, and its receipt says no more than that', async () => {
  const { client, core } = connectFake()
  const handle = client.channel('room').send('message', 1)
  core.tell(SENT, 1, 1)
  core.tell(REQUEUED, 1)
  expect(handle.status).toBe('sent')
  await expect(handle.receipt).resolves.toMatchObject({ status: 'sent', id: 1, epoch: '', offset: 0 })
  expect(handle.cancel()).toBe(false)
})

test('a volatile message is done when it left, and says so', async () => {
  const { client, core } = connectFake()
  core.inside = (id) => core.tell(SENT, id, 1)
  const handle = client.channel('room').send('cursor', 1, { volatile: true })
  expect(core.of('publish volatile')).toHaveLength(1)
  expect(handle.status).toBe('sent')
  await expect(handle.receipt).resolves.toMatchObject({ status: 'sent', id: 1, channel: 'room', epoch: '', offset: 0 })
  core.refusal = 42
  await expect(client.channel('room').send('cursor', 1, { volatile: true }).receipt).rejects.toMatchObject({ code: 'dropped/not-connected' })
})

test('a message can be taken back by its handle and by a signal, once', () => {
  const { client, core } = connectFake()
  const room = client.channel('room')
  const byHandle = room.send('message', 1)
  expect(byHandle.cancel()).toBe(true)
  expect(byHandle).toMatchObject({ status: 'failed', error: { code: 'dropped/cancelled' } })
  expect(byHandle.cancel()).toBe(false)
  const abort = new AbortController()
  const bySignal = room.send('message', 2, { signal: abort.signal })
  const acked = room.send('message', 3, { signal: abort.signal })
  core.tell(ACKED, 3, 1, 0, { epoch: 'e', time: 1 })
  abort.abort()
  expect(bySignal).toMatchObject({ status: 'failed', error: { code: 'dropped/cancelled' } })
  expect(acked.status).toBe('acked')
  expect(core.of('cancel')).toEqual([[1], [2]])
  expect(room.send('message', 4, { signal: abort.signal }).error?.code).toBe('dropped/cancelled')
  expect(core.of('publish')).toHaveLength(3)
})

test('what is sent after a Blob waits for it, and keeps its own moment', async () => {
  const { client, core } = connectFake()
  const room = client.channel('room')
  const late = { text: 'then' }
  const blob = room.send('file', new Blob(['ab']))
  const json = room.send('message', late)
  const second = room.send('file', new Blob(['c']))
  late.text = 'changed'
  expect([blob.id, json.id, blob.status]).toEqual([0, 0, 'queued'])
  await vi.waitFor(() => expect(second.id).toBe(3))
  expect(core.of('publish').map((call) => call[2])).toEqual([new Uint8Array([97, 98]), '{"text":"then"}', new Uint8Array([99])])
  room.send('message', 'now')
  expect(core.of('publish')).toHaveLength(4)
})

test('a Blob that is cancelled or cannot be read ends its own message only', async () => {
  const { client, core } = connectFake()
  const room = client.channel('room')
  const broken = new Blob(['x'])
  broken.arrayBuffer = () => Promise.reject(new Error('gone'))
  const failing = room.send('file', broken)
  const cancelled = room.send('file', new Blob(['y']))
  const after = room.send('message', 1)
  expect(cancelled.cancel()).toBe(true)
  await vi.waitFor(() => expect(after.id).toBe(1))
  expect(failing.error).toMatchObject({ code: 'misuse/unserialisable', cause: new Error('gone') })
  expect(cancelled.error?.code).toBe('dropped/cancelled')
  expect(core.of('publish')).toHaveLength(1)
})

test('a message that is settled leaves nothing behind at its signal', () => {
  const { client, core } = connectFake()
  const { signal } = new AbortController()
  const added = vi.spyOn(signal, 'addEventListener')
  const removed = vi.spyOn(signal, 'removeEventListener')
  client.channel('room').send('message', 1, { signal })
  core.tell(SENT, 1)
  expect(removed).not.toHaveBeenCalled()
  core.tell(ACKED, 1, 1, 0, { epoch: 'e', time: 1 })
  expect(removed.mock.calls).toEqual(added.mock.calls)
})

test('destroy ends every message with one outcome, also those behind a Blob', async () => {
  const { client, core } = connectFake()
  const room = client.channel('room')
  const queued = room.send('message', 1)
  const sent = room.send('message', 2)
  core.tell(SENT, 2)
  core.tell(REQUEUED, 2)
  const blob = room.send('file', new Blob(['x']))
  const cancelled = room.send('file', new Blob(['y']))
  cancelled.cancel()
  client.destroy()
  core.tell(ACKED, 1, 1, 0, { epoch: 'e', time: 1 })
  expect(queued.error).toMatchObject({ code: 'dropped/closed', details: {} })
  expect(queued.error?.details.maybeDelivered).toBeUndefined()
  expect(sent.error).toMatchObject({ code: 'dropped/closed', details: { maybeDelivered: true } })
  await expect(blob.receipt).rejects.toMatchObject({ code: 'dropped/closed' })
  await new Promise((resolve) => setTimeout(resolve))
  expect(cancelled.error?.code).toBe('dropped/cancelled')
})

test('sending before connecting makes the core and waits in its queue', () => {
  const client = createFake()
  expect(client.channel('room').send('message', 1).status).toBe('queued')
  expect(FakeCore.last.calls.map((call) => call[0])).toEqual(['publish'])
  expect(client.state.status).toBe('idle')
})

test('a signal tells whether it left, and throws only for a wrong call', () => {
  const { client, core } = connectFake()
  const room = client.channel('room')
  expect(room.signal('cursor', { x: 1 }, { ttlMs: 100 })).toBe(true)
  expect(core.of('signal')).toEqual([[1, '"cursor"', '{"x":1}', 7, 100]])
  core.refusal = 42
  expect(room.signal('cursor', 1)).toBe(false)
  core.refusal = 6
  expect(() => room.signal('cursor', 1)).toThrow(expect.objectContaining({ code: 'misuse/not-subscribed' }))
  expect(createFake().channel('room').signal('cursor', 1)).toBe(false)
})

test('after a panic nothing goes out past the core', () => {
  const { client, core } = connectFake()
  const posted: string[] = []
  core.host.frames = { size: 1, frame: () => '{"payload":1}', post: (frame) => void posted.push(frame) }
  Object.assign(core, { post: () => true })
  const room = client.channel('room')
  expect(room.send('message', 1).status).toBe('sent')
  core.call = () => {
    throw new WebAssembly.RuntimeError('unreachable')
  }
  expect(() => client.close()).toThrow(expect.objectContaining({ code: 'internal/panic' }))
  expect(room.send('message', 1).error?.code).toBe('internal/panic')
  expect(posted).toHaveLength(1)
})

test('a panic of the core ends everything that waits, once and for ever', async () => {
  const { client, core } = connectFake()
  const room = client.channel('room')
  const waiting = room.send('message', 1)
  const asking = room.request('who')
  core.say = () => {
    throw new WebAssembly.RuntimeError('unreachable')
  }
  expect(room.send('message', 2).error?.code).toBe('internal/panic')
  expect(waiting.error?.code).toBe('internal/panic')
  await expect(asking).rejects.toMatchObject({ code: 'internal/panic' })
  expect(client.state).toMatchObject({ status: 'failed', cause: { code: 'internal/panic' } })
  client.connect()
  expect(client.state.status).toBe('failed')
  client.destroy()
  expect(core.of('destroy')).toEqual([])
})
