import { readFileSync } from 'node:fs'
import { expect, expectTypeOf, test, vi } from 'vitest'
import { type Client, TautlineClient } from '../src/client.ts'
import { WELCOME } from '../src/core.ts'
import { isTautlineError } from '../src/error.ts'
import type { EventMap } from '../src/events.ts'
import { compile } from '../src/json/compile.ts'
import { JsonDialect } from '../src/json/dialect.ts'
import { createClient, type JsonProtocol, presets } from '../src/json/index.ts'
import { FakeCore } from './fake-core.ts'

const described = JSON.parse(readFileSync(new URL('../../tests/transcripts/json/presets.json', import.meta.url), 'utf8')) as Record<string, unknown>

const acks: JsonProtocol = {
  ...presets.channels,
  send: {
    ...presets.channels.send,
    publish: { type: 'channel_message', id: '$id', channel: '$channel', event: '$event', payload: '$payload' },
  },
  receive: { ...presets.channels.receive, ack: 'ack' },
}

const flat: JsonProtocol = {
  fields: {
    type: 'meta.kind', channel: 'room', event: null, payload: null, timestamp: 'meta.at', member: 'from', memberId: 'name',
    members: 'people', code: 'why', message: 'words', connection: 'you.connection',
  },
  send: {
    auth: { hello: '$token' },
    refresh: { again: '$token' },
    subscribe: { join: '$channel' },
    unsubscribe: { leave: '$channel' },
    publish: { '...': '$payload', meta: { kind: '$event', at: '$time' }, room: '$channel' },
    emit: { '...': '$payload', meta: { kind: '$event' } },
    typing: { types: '$channel' },
    track: { am: '$state', room: '$channel' },
    untrack: { gone: '$channel' },
  },
  receive: {
    refused: 'denied', error: 'error', subscribed: 'joined', joined: 'came', left: 'went', updated: 'now', typing: 'types',
    ignored: ['noise'],
  },
  codes: { banned: 'refused/forbidden', stale: 'refused/token-expired' },
}

function fake(protocol: JsonProtocol): { client: Client<EventMap>; core: FakeCore } {
  const client = new TautlineClient({ url: 'ws://localhost/' }, () => FakeCore, new JsonDialect(compile(protocol)))
  client.connect()
  const core = FakeCore.last
  core.tell(WELCOME, 0, 0, 0, { connection: 'c1', member: 'me' })
  core.state(2)
  return { client: client as unknown as Client<EventMap>, core }
}

function wrong(protocol: unknown): string {
  try {
    createClient({ url: 'ws://localhost/', protocol: protocol as JsonProtocol })
  } catch (error) {
    if (isTautlineError(error) && error.code === 'misuse/invalid-option') return error.message
    throw error
  }
  throw new Error('it was taken')
}

test.each([
  ['channels', presets.channels],
  ['rooms', presets.rooms],
  ['chat', presets.chat],
  ['acks', acks],
  ['flat', flat],
])('the preset %s is what the core’s own tests speak', (name, protocol) => {
  expect(compile(protocol)).toEqual(described[name])
})

test('docs/json.md has every option that there is', () => {
  const docs = readFileSync(new URL('../../docs/json.md', import.meta.url), 'utf8')
  // A wrong name is answered with all the right ones.
  const options = ['', 'fields', 'send', 'receive'].flatMap((group) => {
    const message = wrong(group === '' ? { x: 1 } : { [group]: { x: 1 } })
    return /one of ([\w, ]+);/.exec(message)?.[1]?.split(', ') ?? []
  })
  expect(options.length).toBeGreaterThan(40)
  expect(options.filter((option) => !docs.includes(`\`${option}\``))).toEqual([])
})

test('the core is given the description', () => {
  expect(fake(presets.rooms).core.options).toMatchObject({ protocol: described['rooms'], session: expect.any(String) as string })
})

test('the shard that the welcome names is known for as long as the connection', () => {
  const { client, core } = fake(presets.chat)
  expect(client.getConnectionInfo().shardId).toBeUndefined()
  core.tell(WELCOME, 0, 0, 0, { connection: 'c1', member: 'me', shard: 3 })
  core.state(2)
  expect(client.getConnectionInfo()).toMatchObject({ connectionId: 'c1', member: 'me', shardId: 3 })
  core.state(3)
  expect(client.getConnectionInfo()).toMatchObject({ connectionId: undefined, member: 'me', shardId: undefined })
})

test('the end of retries is the core’s to keep, and a mistake in it is named', () => {
  expect(fake(presets.chat).core.options).toMatchObject({ maxAttempts: Infinity })
  for (const wrong of [-1, 1.5, NaN, '3', null]) {
    expect(() => createClient({ url: '/ws', maxReconnectAttempts: wrong as number })).toThrow('maxReconnectAttempts:')
  }
  for (const most of [0, 15, Infinity, undefined]) createClient({ url: '/ws', maxReconnectAttempts: most })
})

test('without a description the server is taken for one with channels', () => {
  expect(() => createClient({ url: 'wss://example.com/ws' })).not.toThrow()
  expect(compile({ unaddressed: 'channel' })).toEqual(described['channels'])
})

test.each<[string, unknown]>([
  ['protocol', 5],
  ['protocol', []],
  ['protocol', null],
  ['protocol.sned', { sned: {} }],
  ['protocol.fields', { fields: 'type' }],
  ['protocol.fields.typ', { fields: { typ: 'type' } }],
  ['protocol.fields.type', { fields: { type: null } }],
  ['protocol.fields.channel', { fields: { channel: '' } }],
  ['protocol.fields.channel', { fields: { channel: 'a..b' } }],
  ['protocol.fields.channel', { fields: { channel: 5 } }],
  ['protocol.fields.channel', { ...presets.rooms, fields: { channel: null } }],
  ['protocol.fields.id', { ...acks, fields: { id: null } }],
  ['protocol.unaddressed', { unaddressed: 'all' }],
  ['protocol.send', { send: [] }],
  ['protocol.send.say', { send: { say: {} } }],
  ['protocol.send.subscribe', { send: { subscribe: 'subscribe' } }],
  ['protocol.send.subscribe', { send: { subscribe: { type: 'subscribe' } } }],
  ['protocol.send.subscribe', { send: { subscribe: { type: 'subscribe', channel: 'to $channel' } } }],
  ['protocol.send.subscribe', { send: { subscribe: { channel: '$channel', id: '$id' } } }],
  ['protocol.send.publish', { send: { publish: { channel: '$channel', payload: '$payload' } } }],
  ['protocol.send.publish', { ...presets.channels, receive: { ack: 'ack' } }],
  ['protocol.send.ping', { send: { ping: { at: 1n } } }],
  ['protocol.send.ping', { send: { ping: { at: '$payload' } } }],
  ['protocol.events', { events: 'message' }],
  ['protocol.events.message', { events: { message: { text: '$text' } } }],
  ['protocol.events.message', { events: { message: { type: 'm', '...': '$payload' } } }],
  ['protocol.events.message', { events: { message: { '...': '$payload' } } }],
  ['protocol.receive', { receive: 'ready' }],
  ['protocol.receive.reddy', { receive: { reddy: 'r' } }],
  ['protocol.receive.ready', { receive: { ready: '' } }],
  ['protocol.receive.ready', { receive: { ready: [5] } }],
  ['protocol.receive.error', { receive: { ready: 'a', error: ['b', 'a'] } }],
  ['protocol.codes.x', { codes: { x: 'lost/closed' } }],
  ['protocol.codes.x', { codes: { x: 'refused/nothing' } }],
  ['protocol.closeCodes.final', { closeCodes: { final: 4403 } }],
  ['protocol.closeCodes.token', { closeCodes: { token: [99] } }],
  ['protocol.typingTtlMs', { typingTtlMs: 0 }],
  ['protocol.silenceMs', { silenceMs: '5' }],
])('a mistake in %s is named: %o', (option, protocol) => {
  expect(wrong(protocol)).toContain(`${option}:`)
})

test('a message may have other text that looks like a placeholder', () => {
  const ping = { type: 'ping', note: 'costs $5', quoted: '"$channel"', now: '$time' }
  expect(compile({ send: { ping } }).send['ping']).toBe(JSON.stringify(ping))
})

test('a channel hears what a server with channels can say', () => {
  const { client, core } = fake(presets.channels)
  const room = client.channel('news')
  const heard = vi.fn()
  room.on('flash', heard)
  core.deliver(1, 'flash', { a: 1 }, 0, 2, { from: 'me', time: 5 })
  expect(heard.mock.calls[0]?.[1]).toMatchObject({ channel: 'news', event: 'flash', own: true, time: 5, offset: 0 })
  room.send('flash', [1])
  expect(core.of('publish')[0]?.slice(0, 3)).toEqual([1, '"flash"', '[1]'])
})

test('what a server with channels cannot be told is refused at the call, and the core hears nothing of it', async () => {
  const { client, core } = fake(presets.channels)
  const room = client.channel('news')
  const before = core.calls.length
  const unsupported = expect.objectContaining({ code: 'misuse/unsupported' }) as Error
  expect(() => room.typing()).toThrow(unsupported)
  expect(() => room.onTyping(() => {})).toThrow(unsupported)
  expect(() => room.presence.track({})).toThrow(unsupported)
  expect(() => room.presence.onChange(() => {})).toThrow(unsupported)
  expect(() => client.channel('news', { presence: true })).toThrow(unsupported)
  expect(() => client.refreshToken()).toThrow(unsupported)
  expect(() => room.send('flash', new Uint8Array(1))).toThrow(unsupported)
  expect(() => room.send('flash', new Blob([]))).toThrow(unsupported)
  expect(() => client.send('flash', 1)).toThrow(expect.objectContaining({ code: 'misuse/channel-required' }) as Error)
  await expect(room.request('x')).rejects.toThrow(unsupported)
  await expect(client.request('x')).rejects.toThrow(unsupported)
  await expect(room.history()).rejects.toThrow(unsupported)
  expect(core.calls.length).toBe(before)
  expect(room.signal('flash', 1)).toBe(true)
  room.send('flash', 1, { volatile: true })
})

test('what a server with rooms cannot be told is refused at the call', () => {
  const { client, core } = fake(presets.rooms)
  const room = client.channel('lobby', { presence: true })
  room.typing()
  room.onTyping(() => {})
  room.presence.onChange(() => {})
  room.send('message', { text: 'hi' })
  client.send('wallet_event', { action: 'connect' })
  client.send('message', { text: 'hi' }, { channel: 'lobby' })
  const sent = core.of('publish').length
  const throws = (call: () => unknown, code: string, words: string): void => {
    expect(call).toThrow(expect.objectContaining({ code, message: expect.stringContaining(words) as string }) as Error)
  }
  throws(() => room.send('other', {}), 'misuse/unsupported', 'protocol.events["other"]')
  throws(() => client.send('other', {}), 'misuse/unsupported', 'protocol.send.emit')
  throws(() => client.send('message', {}), 'misuse/channel-required', 'channel')
  throws(() => room.send('wallet_event', {}), 'misuse/unsupported', 'client.send')
  for (const payload of ['hi', [1], 5, null, undefined, new Date()]) {
    throws(() => room.send('message', payload), 'misuse/invalid-argument', 'must be an object')
  }
  throws(() => room.presence.track({}), 'misuse/unsupported', 'protocol.send.track')
  expect(core.of('publish').length).toBe(sent)
})

test('a payload that a message has no place for is refused', () => {
  const { client } = fake({ ...presets.channels, events: { refresh: { type: 'refresh', room: '$channel' } } })
  expect(() => client.channel('news').send('refresh', 1)).toThrow('has no $payload')
  client.channel('news').send('refresh')
})

test('where each message has a number, signals need a message of their own', () => {
  const { client } = fake(acks)
  expect(() => client.channel('news').signal('flash', 1)).toThrow('protocol.send.signal')
  expect(() => client.channel('news').send('flash', 1, { volatile: true })).toThrow('protocol.send.signal')
  client.channel('news').send('flash', 1)
  const own = fake({ ...acks, send: { ...acks.send, signal: { channel: '$channel', event: '$event', payload: '$payload' } } })
  expect(own.client.channel('news').signal('flash', 1)).toBe(true)
})

test('a server without channels gives none', () => {
  const { client } = fake({ send: { emit: { type: '$event', payload: '$payload' } }, receive: {} })
  expect(() => client.channel('news')).toThrow('protocol.send.subscribe')
  client.send('hello', 1)
})

test('names of JavaScript’s own are events like any other', () => {
  const { client, core } = fake({ ...presets.rooms, events: { constructor: { type: 'constructor', payload: '$payload' } } })
  client.send('constructor', 1)
  expect(core.of('publish').length).toBe(1)
  for (const name of ['__proto__', 'toString', 'hasOwnProperty']) {
    expect(() => client.send(name, 1)).toThrow('no word for')
  }
})

test('the presets can be spread, and their types allow what the client takes', () => {
  interface Events {
    message: { text: string }
  }
  const client = createClient<Events>({ url: '/ws', protocol: { ...presets.rooms, send: { ...presets.rooms.send, track: { s: '$state', r: '$channel' } } } })
  expectTypeOf(client).toEqualTypeOf<Client<Events>>()
  // @ts-expect-error no such option
  expect(() => createClient({ url: '/ws', protocol: { feilds: {} } })).toThrow('feilds')
  // @ts-expect-error no such meaning
  expect(() => createClient({ url: '/ws', protocol: { receive: { redy: 'x' } } })).toThrow('redy')
  // @ts-expect-error no refusal
  expect(() => createClient({ url: '/ws', protocol: { codes: { x: 'lost/closed' } } })).toThrow('codes.x')
})
