import { expect, test, vi } from 'vitest'
import { GAP, PRESENCE, SUBSCRIBE_FAILED, SUBSCRIBED, TYPING } from '../src/core.ts'
import { connectFake, createFake, FakeCore } from './fake-core.ts'

const moment = (): Promise<void> => Promise.resolve()
const member = (id: string, version = 1, state: unknown = null): object => ({ id, version, state })

test('a channel is one object by its name', () => {
  const { client } = connectFake()
  expect(client.channel('room')).toBe(client.channel('room'))
  expect(client.channel('room')).not.toBe(client.channel('other'))
})

test('the first listener subscribes and the last to go leaves', async () => {
  const { client, core } = connectFake()
  const room = client.channel('room')
  expect([room.status, core.of('subscribe')]).toEqual(['idle', []])
  const first = room.on('x', () => {})
  const second = room.onTyping(() => {})
  const third = room.subscribe()
  expect([room.status, core.of('subscribe')]).toEqual(['subscribing', [[1, false]]])
  first()
  third()
  third()
  await moment()
  expect(core.of('unsubscribe')).toEqual([])
  second()
  await moment()
  expect([room.status, core.of('unsubscribe')]).toEqual(['idle', [[1]]])
})

test('a listener that goes and comes back at once makes no noise', async () => {
  const { client, core } = connectFake()
  const room = client.channel('room')
  room.on('x', () => {})()
  const end = room.on('x', () => {})
  await moment()
  expect([core.of('subscribe').length, core.of('unsubscribe').length, room.status]).toEqual([1, 0, 'subscribing'])
  end()
  room.subscribe({ signal: AbortSignal.abort() })
  await moment()
  expect(core.of('unsubscribe')).toHaveLength(1)
})

test('a lease ends with its signal', async () => {
  const { client, core } = connectFake()
  const abort = new AbortController()
  const release = client.channel('room').subscribe({ signal: abort.signal })
  abort.abort()
  release()
  await moment()
  expect(core.of('unsubscribe')).toHaveLength(1)
})

test('what was wanted before there was a core is asked for when there is one, and no core is made for it', () => {
  const load = vi.fn(() => FakeCore)
  const client = createFake({}, load)
  const room = client.channel('room', { presence: true })
  room.on('x', () => {})
  room.presence.track({ name: 'Ada' })
  expect(load).not.toHaveBeenCalled()
  expect(room.status).toBe('subscribing')
  client.connect()
  expect(FakeCore.last.calls).toEqual([
    ['subscribe', 1, true],
    ['track', 1, '{"name":"Ada"}'],
    ['connect'],
  ])
})

test('the status follows the server and the line', () => {
  const { client, core } = connectFake()
  const room = client.channel('room')
  const seen: string[] = []
  room.onStatus((status, channel) => seen.push(`${status} ${channel.name}`))
  room.subscribe()
  core.tell(SUBSCRIBED, 1, 2, 0, ['"e"', 5])
  core.state(3, 25, 300)
  core.state(2)
  core.tell(SUBSCRIBED, 1, 1, 2, ['"e"', 5])
  expect(seen).toEqual(['subscribing room', 'subscribed room', 'subscribing room', 'subscribed room'])
})

test('the position moves with the messages, and not with signals', async () => {
  const { client, core } = connectFake()
  const room = client.channel('room')
  expect(room.position).toBeUndefined()
  const end = room.subscribe()
  core.tell(SUBSCRIBED, 1, 2, 0, ['"e"', 5])
  core.deliver(1, 'x', 1, 6)
  core.deliver(1, 'cursor', 1, 0, 2)
  expect(room.position).toEqual({ epoch: 'e', offset: 6 })
  end()
  await moment()
  expect(room.position).toBeUndefined()
})

test('a refused subscription shows in the channel and as a problem; other refusals leave a subscribed one alone', () => {
  const { client, core } = connectFake()
  const problem = vi.fn()
  client.onLifecycle('problem', problem)
  const room = client.channel('room')
  room.subscribe()
  core.tell(SUBSCRIBE_FAILED, 1, 15, 0, { message: 'not yours' })
  expect(room).toMatchObject({ status: 'refused', error: { code: 'refused/forbidden', details: { serverMessage: 'not yours' } } })
  expect(problem.mock.calls[0]?.[0]).toMatchObject({ channel: 'room', error: { code: 'refused/forbidden' } })
  core.tell(SUBSCRIBED, 1, 2, 0, ['"e"', 0])
  expect(room).toMatchObject({ status: 'subscribed', error: undefined })
  core.tell(SUBSCRIBE_FAILED, 1, 15)
  expect(room.status).toBe('subscribed')
  expect(problem).toHaveBeenCalledTimes(2)
})

test('a gap is told to the channel and to the client', () => {
  const { client, core } = connectFake()
  const gaps = vi.fn()
  const room = client.channel('room')
  room.subscribe()
  room.onGap(gaps)
  client.onLifecycle('gap', gaps)
  core.tell(GAP, 1, 5, 9)
  expect(gaps.mock.calls.map((call) => call[0])).toEqual(Array(2).fill({ channel: 'room', lastOffset: 5, nextOffset: 9 }))
})

test('a new subscription is told to the client with what it recovered', () => {
  const { client, core } = connectFake()
  const subscribed = vi.fn()
  client.onLifecycle('subscribed', subscribed)
  client.channel('room').subscribe()
  for (const [kind, replay] of [[2, 0], [1, 3], [0, 4]] as const) core.tell(SUBSCRIBED, 1, kind, replay, ['"e"', 0])
  expect(subscribed.mock.calls.map((call) => call[0])).toEqual([
    { channel: 'room', first: true, recovered: true, replaying: 0 },
    { channel: 'room', first: false, recovered: true, replaying: 3 },
    { channel: 'room', first: false, recovered: false, replaying: 4 },
  ])
})

test('presence keeps a frozen list that is the same until something changes', async () => {
  const { client, core } = connectFake()
  const { presence } = client.channel('room')
  const changes = vi.fn()
  const empty = presence.members
  const end = presence.onChange(changes)
  expect(core.of('subscribe')).toEqual([[1, true]])
  core.tell(PRESENCE, 1, 0, 0, [[member('a'), member('b')], [], []])
  const two = presence.members
  expect(presence.members).toBe(two)
  expect(two).not.toBe(empty)
  expect(Object.isFrozen(two) && Object.isFrozen(two[0])).toBe(true)
  core.tell(PRESENCE, 1, 0, 0, [[], [member('a', 2, 'new')], [member('b')]])
  expect(presence.members).toEqual([member('a', 2, 'new')])
  expect(changes.mock.calls[1]?.[0]).toEqual({
    joined: [],
    updated: [member('a', 2, 'new')],
    left: [member('b')],
    members: presence.members,
  })
  end()
  await moment()
  expect(presence.members).toEqual([])
  expect(core.of('unsubscribe')).toHaveLength(1)
})

test('a member named like a part of an object is a member', () => {
  const { client, core } = connectFake()
  const { presence } = client.channel('room')
  presence.onChange(() => {})
  core.tell(PRESENCE, 1, 0, 0, [[member('__proto__'), member('constructor')], [], []])
  expect(presence.members.map(({ id }) => id)).toEqual(['__proto__', 'constructor'])
})

test('presence asked for later renews the subscription once', () => {
  const { client, core } = connectFake()
  client.channel('room').subscribe()
  client.channel('room', { presence: true })
  client.channel('room', { presence: true })
  client.channel('room').presence.onChange(() => {})
  expect(core.of('subscribe')).toEqual([[1, false], [1, true]])
})

test('tracking keeps the channel until untrack', async () => {
  const { client, core } = connectFake()
  const { presence } = client.channel('room')
  presence.track({ name: 'Ada' })
  presence.update({ name: 'Ada', busy: true })
  expect(core.of('subscribe')).toEqual([[1, true]])
  expect(core.of('track').at(-1)).toEqual([1, '{"name":"Ada","busy":true}'])
  presence.untrack()
  presence.untrack()
  await moment()
  expect(core.calls.slice(-2)).toEqual([['untrack', 1], ['unsubscribe', 1]])
  expect(core.of('untrack')).toHaveLength(1)
  expect(() => presence.track(new Uint8Array(1))).toThrow(expect.objectContaining({ code: 'misuse/unserialisable' }))
  expect(() => presence.track(undefined)).toThrow(expect.objectContaining({ code: 'misuse/unserialisable' }))
})

test('typing is passed on while subscribed, and heard as a frozen list', () => {
  const { client, core } = connectFake()
  const room = client.channel('room')
  room.typing()
  const heard = vi.fn()
  room.onTyping(heard)
  room.typing()
  room.typing(false)
  expect(core.of('typing')).toEqual([[1, true], [1, false]])
  core.tell(TYPING, 1, 0, 0, ['a'])
  expect(heard).toHaveBeenCalledExactlyOnceWith(['a'], undefined)
  expect(room.typingMembers).toBe(room.typingMembers)
  expect(Object.isFrozen(room.typingMembers)).toBe(true)
})

test('destroy ends the channel once, whatever held it', async () => {
  const { client, core } = connectFake()
  const room = client.channel('room')
  const seen: string[] = []
  room.on('x', () => {})
  room.presence.onChange(() => {})
  core.tell(SUBSCRIBED, 1, 2, 0, ['"e"', 0])
  room.onStatus((status) => seen.push(status))
  client.destroy()
  await moment()
  expect(seen).toEqual(['idle'])
  expect(core.of('subscribe')).toEqual([[1, false], [1, true]])
})
