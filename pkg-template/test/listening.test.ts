import { expect, test, vi } from 'vitest'
import { connectFake, createFake } from './fake-core.ts'

test('a listener hears the payload first and the rest of the message second', () => {
  const { client, core } = connectFake()
  const heard = vi.fn()
  client.channel('room').on('message', heard)
  core.deliver(1, 'message', { text: 'hi' }, 7, 1, { from: 'you', user: 'bob', time: 5, id: 3 })
  expect(heard).toHaveBeenCalledExactlyOnceWith({ text: 'hi' }, {
    channel: 'room',
    event: 'message',
    payload: { text: 'hi' },
    offset: 7,
    id: 3,
    from: 'you',
    user: 'bob',
    time: 5,
    own: false,
    replayed: true,
    signal: false,
    binary: false,
  })
})

test('a message is known as own by its member', () => {
  const { client, core } = connectFake()
  const heard: boolean[] = []
  client.channel('room').on('message', (_, { own }) => heard.push(own))
  core.deliver(1, 'message', null, 1, 0, { from: 'me' })
  core.deliver(1, 'message', null, 2, 0, { from: 'you' })
  core.deliver(1, 'message', null, 3, 0, {})
  expect(heard).toEqual([true, false, false])
})

test('a message of an untruthful server has no members of a wrong type', () => {
  const { client, core } = connectFake()
  const heard = vi.fn()
  client.on('*', heard)
  core.deliver(9, 'message', null, 1, 0, { from: 1, user: {}, time: 'now', id: null })
  expect(heard.mock.calls[0]?.[1]).toMatchObject({ channel: '', from: undefined, user: undefined, time: undefined, id: undefined })
})

test('patterns hear what begins alike, the star hears all, both with the name of the event', () => {
  const { client, core } = connectFake()
  const heard: string[] = []
  client.on('STORAGE_*', (_, { event }) => heard.push(`prefix ${event}`))
  client.on('*', (_, { event }) => heard.push(`all ${event}`))
  client.on('STORAGE_SET', () => heard.push('exact'))
  core.deliver(1, 'STORAGE_SET', 1)
  core.deliver(1, 'OTHER', 1)
  expect(heard).toEqual(['exact', 'prefix STORAGE_SET', 'all STORAGE_SET', 'all OTHER'])
})

test('the client hears every channel, a channel only itself', () => {
  const { client, core } = connectFake()
  const heard: string[] = []
  client.channel('a').on('*', (_, m) => heard.push(`a:${m.channel}`))
  client.channel('b').on('*', (_, m) => heard.push(`b:${m.channel}`))
  client.on('*', (_, m) => heard.push(`client:${m.channel}`))
  core.deliver(1, 'x', 1)
  core.deliver(2, 'x', 1)
  expect(heard).toEqual(['a:a', 'client:a', 'b:b', 'client:b'])
})

test('a listener that throws harms no other and is reported twice over', () => {
  const { client, core } = connectFake()
  const heard = vi.fn()
  const lifecycle = vi.fn()
  const error = new Error('mine')
  client.onLifecycle('listenerError', lifecycle)
  client.channel('room').on('message', () => {
    throw error
  })
  client.channel('room').on('message', heard)
  core.deliver(1, 'message', 1)
  expect(heard).toHaveBeenCalledOnce()
  expect(lifecycle).toHaveBeenCalledExactlyOnceWith({ error, event: 'message', channel: 'room' }, undefined)
  expect(reportError).toHaveBeenCalledExactlyOnceWith(error)
})

test('a listener of errors that throws is reported and not called again for it', () => {
  const { client, core } = connectFake()
  client.onLifecycle('listenerError', () => {
    throw new Error('again')
  })
  client.on('x', () => {
    throw new Error('first')
  })
  core.deliver(1, 'x', 1)
  expect(reportError).toHaveBeenCalledTimes(2)
})

test('once hears one message, even when it sends for another while it runs', () => {
  const { client, core } = connectFake()
  const heard = vi.fn(() => core.deliver(1, 'x', 2))
  client.once('x', heard)
  core.deliver(1, 'x', 1)
  expect(heard).toHaveBeenCalledOnce()
  expect(client.listenerCount('x')).toBe(0)
})

test('a listener removed while an event runs is not called, one added meanwhile hears only the next', () => {
  const { client, core } = connectFake()
  const late = vi.fn()
  const removed = vi.fn()
  client.once('x', () => {
    client.on('x', late)
    end()
  })
  const end = client.on('x', removed)
  core.deliver(1, 'x', 1)
  expect(removed).not.toHaveBeenCalled()
  expect(late).not.toHaveBeenCalled()
  core.deliver(1, 'x', 2)
  expect(late).toHaveBeenCalledOnce()
})

test('a signal that aborts ends a listener, and one that was aborted begins none', () => {
  const { client, core } = connectFake()
  const heard = vi.fn()
  const abort = new AbortController()
  client.on('x', heard, { signal: abort.signal })
  abort.abort()
  client.on('x', heard, { signal: abort.signal })
  core.deliver(1, 'x', 1)
  expect(heard).not.toHaveBeenCalled()
  expect(client.listenerCount()).toBe(0)
})

test('a listener that ended leaves nothing behind at its signal', () => {
  const { client } = connectFake()
  const { signal } = new AbortController()
  const added = vi.spyOn(signal, 'addEventListener')
  const removed = vi.spyOn(signal, 'removeEventListener')
  client.on('x', () => {}, { signal })()
  expect([added.mock.calls.length, removed.mock.calls[0]]).toEqual([1, added.mock.calls[0]])
})

test('off ends every listening of one function to one event, and unsubscribing twice harms no other', () => {
  const { client, core } = connectFake()
  const heard = vi.fn()
  const end = client.on('x', heard)
  client.on('x', heard)
  client.on('y', heard)
  client.on('x*', heard)
  end()
  end()
  expect(client.listenerCount('x')).toBe(1)
  client.off('x', heard)
  client.off('x*', heard)
  expect(client.listenerCount()).toBe(1)
  core.deliver(1, 'x', 1)
  expect(heard).not.toHaveBeenCalled()
})

test('events named like parts of an object are ordinary events', () => {
  const { client, core } = connectFake()
  const heard: string[] = []
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) client.on(name, (_, m) => heard.push(m.event))
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf']) core.deliver(1, name, 1)
  expect(heard).toEqual(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
})

test('a listener that is no function is refused where it is given', () => {
  const listener = undefined as unknown as () => void
  expect(() => createFake().on('x', listener)).toThrow(expect.objectContaining({ code: 'misuse/invalid-argument' }))
})

test('waitFor gives the next message that fits', async () => {
  const { client, core } = connectFake()
  const waiting = client.channel('room').waitFor('x', { filter: (message) => message.payload === 2 })
  core.deliver(1, 'x', 1)
  core.deliver(1, 'x', 2)
  core.deliver(1, 'x', 3)
  await expect(waiting).resolves.toMatchObject({ payload: 2, event: 'x' })
  expect(client.channel('room').listenerCount()).toBe(0)
})

test('waitFor ends with the reason: too late, cancelled, destroyed, a filter that throws', async () => {
  vi.useFakeTimers()
  const { client, core } = connectFake()
  const abort = new AbortController()
  const late = client.waitFor('x', { timeoutMs: 50 })
  const cancelled = client.waitFor('x', { signal: abort.signal, timeoutMs: 5_000 })
  const never = client.waitFor('x', { signal: AbortSignal.abort('no'), timeoutMs: 5 })
  const broken = client.waitFor('y', { filter: () => { throw new Error('filter') } })
  const destroyed = client.waitFor('x')
  const all = Promise.allSettled([late, cancelled, never, broken, destroyed])
  vi.advanceTimersByTime(50)
  abort.abort('why')
  core.deliver(1, 'y', 1)
  client.destroy()
  const reasons = (await all).map((outcome) => outcome.status === 'rejected' && outcome.reason)
  expect(reasons).toMatchObject([
    { code: 'late/reply' },
    { code: 'dropped/cancelled', cause: 'why' },
    { code: 'dropped/cancelled', cause: 'no' },
    { message: 'filter' },
    { code: 'dropped/closed' },
  ])
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

test('a loop over events gets what came before it asked, in order, and ends with its signal', async () => {
  const { client, core } = connectFake()
  const abort = new AbortController()
  const events = client.events('x', { signal: abort.signal })
  core.deliver(1, 'x', 1)
  core.deliver(1, 'x', 2)
  const heard: unknown[] = []
  for await (const { payload } of events) {
    heard.push(payload)
    if (payload === 2) queueMicrotask(() => core.deliver(1, 'x', 3))
    if (payload === 3) abort.abort()
  }
  expect(heard).toEqual([1, 2, 3])
  expect(client.listenerCount()).toBe(0)
})

test('a loop that is left listens no more', async () => {
  const { client, core } = connectFake()
  const events = client.events('x')
  core.deliver(1, 'x', 1)
  for await (const _ of events) break
  expect(client.listenerCount()).toBe(0)
})

test('a loop that is too slow loses the oldest and says so once until it caught up', async () => {
  const { client, core } = connectFake()
  const problem = vi.fn()
  client.onLifecycle('problem', problem)
  const events = client.channel('room').events('x', { buffer: 2 })
  for (const payload of [1, 2, 3, 4]) core.deliver(1, 'x', payload)
  expect(problem).toHaveBeenCalledOnce()
  expect(problem.mock.calls[0]?.[0]).toMatchObject({ channel: 'room', error: { code: 'dropped/overflow', details: { limit: 2 } } })
  expect((await events.next()).value).toMatchObject({ payload: 3 })
  expect((await events.next()).value).toMatchObject({ payload: 4 })
  for (const payload of [5, 6, 7]) core.deliver(1, 'x', payload)
  expect(problem).toHaveBeenCalledTimes(2)
})

test('destroy ends every loop after what it still holds', async () => {
  const { client, core } = connectFake()
  const events = client.events('x')
  core.deliver(1, 'x', 1)
  client.destroy()
  const heard: unknown[] = []
  for await (const { payload } of events) heard.push(payload)
  expect(heard).toEqual([1])
})
