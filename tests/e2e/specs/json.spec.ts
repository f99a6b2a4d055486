// Servers that people wrote by hand, unchanged, with faults in between.
import { type JsonProtocol, presets } from 'tautline/json'
import { type Actor, BEATING, QUICK as HASTY } from '../support/actor.ts'
import { expect, test } from '../support/world.ts'

const ROOM = 'room'
/** A server that is started again may take longer than the fast attempts. */
const QUICK = { backoff: { ...HASTY.backoff, fastAttempts: 1000 } } as const
const USUAL = { ...QUICK, protocol: 'usual' } as const
const PATIENT = { ...BEATING, ...QUICK, protocol: 'usual' } as const
const ACKS: JsonProtocol = {
  ...presets.channels,
  send: {
    ...presets.channels.send,
    publish: { type: 'channel_message', id: '$id', channel: '$channel', event: '$event', payload: '$payload' },
  },
  receive: { ...presets.channels.receive, ack: 'ack' },
}

function user(name: string, protocol: JsonProtocol = presets.rooms): Parameters<Actor['join']>[2] {
  return { ...QUICK, connectTimeoutMs: 1000, handshakeTimeoutMs: 1000, protocol, token: `secret:${name}` }
}

function members(actor: Actor): Promise<string[]> {
  return actor.page.evaluate((room) => lab.client.channel(room).presence.members.map(({ id }) => id).sort(), ROOM)
}

test('two pages chat over a server with channels, which needs no configuration', async ({ world }) => {
  const server = await world.example('channels')
  const [ann, bob] = [await world.actor(), await world.actor()]
  await ann.join(server.port, ROOM, USUAL)
  await bob.join(server.port, ROOM, USUAL)
  await ann.send(ROOM, 'greeting', { text: 'Hello, Bob' })
  await expect.poll(() => bob.heard(ROOM)).toEqual([{ text: 'Hello, Bob' }])
  expect(await ann.page.evaluate(() => lab.handles[0]?.receipt)).toMatchObject({ status: 'sent', channel: ROOM })
  expect((await bob.get('messages'))[0]).toMatchObject({ channel: ROOM, event: 'greeting', offset: 0, time: expect.any(Number) })
  expect(await ann.get('problems')).toEqual([])
})

test('after a lost connection what waited arrives, and the application hears that it may have missed something', async ({ world }) => {
  const server = await world.example('channels')
  const proxy = await world.proxy(server)
  const [ann, bob] = [await world.actor(), await world.actor()]
  await ann.join(proxy.port, ROOM, USUAL)
  await bob.join(server.port, ROOM, USUAL)
  proxy.mode = 'refuse'
  proxy.reset()
  await ann.untilStatus('reconnecting')
  await ann.sendNumbers(ROOM, 5)
  await bob.send(ROOM, 'missed', 'by Ann')
  proxy.mode = 'pass'
  await ann.untilSubscribed(2)
  await expect.poll(() => bob.heard(ROOM)).toEqual(['by Ann', 0, 1, 2, 3, 4])
  expect((await ann.get('gaps')).map(({ channel }) => channel)).toEqual([ROOM])
  expect((await ann.get('subscribed')).at(-1)).toMatchObject({ first: false, recovered: false })
  expect(await ann.heard(ROOM)).not.toContain('by Ann')
})

test('a server that is killed and started again is found again', async ({ world }) => {
  const server = await world.example('channels')
  const ann = await world.actor()
  await ann.join(server.port, ROOM, USUAL)
  await server.kill()
  await ann.untilStatus('reconnecting')
  await ann.send(ROOM, 'number', 1)
  await server.start()
  await ann.untilSubscribed(2)
  await expect.poll(() => ann.heard(ROOM)).toEqual([1])
})

test('a server that no longer answers pings is left', async ({ world }) => {
  const server = await world.example('channels')
  const proxy = await world.proxy(server)
  const ann = await world.actor()
  await ann.join(proxy.port, ROOM, PATIENT)
  await expect.poll(async () => (await ann.get('latencies')).length, 'pongs').toBeGreaterThan(1)
  proxy.mode = 'deafen'
  await ann.untilStatus('reconnecting')
  expect(new Set(await ann.causes())).toEqual(new Set(['lost/heartbeat']))
  proxy.mode = 'pass'
  await ann.untilStatus('connected')
})

test('with acks every message arrives once and in order, however often the line breaks', async ({ world }) => {
  const server = await world.example('channels-with-ack')
  const proxy = await world.proxy(server)
  const [ann, bob] = [await world.actor(), await world.actor()]
  await ann.join(proxy.port, ROOM, { ...QUICK, protocol: ACKS })
  await bob.join(server.port, ROOM, { ...QUICK, protocol: ACKS })
  const stop = proxy.torment(400, 100)
  await ann.sendNumbers(ROOM, 200, 10)
  await expect.poll(() => ann.page.evaluate(() => lab.handles.length)).toBe(200)
  stop()
  await expect.poll(() => ann.acked()).toBe(200)
  expect(await bob.heard(ROOM)).toEqual(Array.from({ length: 200 }, (_, number) => number))
  expect(proxy.accepted).toBeGreaterThan(2)
})

test('users meet in a room: messages, who is there, who types, and a wallet', async ({ world }) => {
  const server = await world.example('rooms')
  const [ann, bob] = [await world.actor(), await world.actor()]
  await ann.join(server.port, ROOM, user('ann'))
  expect((await ann.get('welcomes'))[0]).toMatchObject({ member: 'ann', connectionId: expect.stringMatching(/./) })
  await ann.page.evaluate((room) => {
    lab.watch(room)
    lab.watchTyping(room)
  }, ROOM)
  await bob.join(server.port, ROOM, user('bob'))
  await expect.poll(() => members(ann)).toEqual(['ann', 'bob'])
  await expect.poll(() => members(bob)).toEqual(['ann', 'bob'])

  await bob.page.evaluate((room) => lab.client.channel(room).typing(), ROOM)
  await expect.poll(() => ann.page.evaluate((room) => [...lab.client.channel(room).typingMembers], ROOM)).toEqual(['bob'])
  await bob.send(ROOM, 'message', { text: 'Hello, Ann' })
  await expect.poll(() => ann.page.evaluate((room) => lab.client.channel(room).typingMembers.length, ROOM)).toBe(0)
  const message = { room: ROOM, text: 'Hello, Ann', user: { id: 'bob', name: 'bob' } }
  await expect.poll(async () => (await ann.get('messages')).filter(({ event }) => event === 'message')).toMatchObject([
    { channel: ROOM, payload: message, from: 'bob', own: false },
  ])
  await expect.poll(async () => (await bob.get('messages')).find(({ event }) => event === 'message')).toMatchObject({ own: true })

  await bob.page.evaluate(() => void lab.client.send('wallet_event', { action: 'connect', address: '0x1' }))
  await expect
    .poll(async () => (await ann.get('messages')).find(({ event }) => event === 'wallet_connect'))
    .toMatchObject({ channel: '', payload: { address: '0x1' }, from: 'bob' })

  await bob.page.evaluate(() => lab.client.close())
  await expect.poll(() => members(ann)).toEqual(['ann'])
  expect(await ann.get('problems')).toEqual([])
})

test('a token that the server does not know is asked for once more, and then the client gives up', async ({ world }) => {
  const server = await world.example('rooms')
  const ann = await world.actor()
  const asked: string[] = []
  await ann.page.exposeFunction('provideToken', (why: string) => {
    asked.push(why)
    return 'wrong'
  })
  await ann.open(server.port, { ...QUICK, protocol: presets.rooms, ask: true })
  await ann.untilStatus('failed')
  expect(asked).toEqual(['connect', 'refused'])
  expect((await ann.get('states')).at(-1)).toMatchObject({ cause: 'refused/token-invalid' })
  expect((await ann.get('problems'))[0]?.code).toBe('refused/token-invalid')
})

test('the server’s pings are answered, and a server that falls silent is left', async ({ world }) => {
  const server = await world.example('rooms', { PING_MS: '1000' })
  const proxy = await world.proxy(server)
  const [ann, bob] = [await world.actor(), await world.actor()]
  await ann.join(proxy.port, ROOM, user('ann', { ...presets.rooms, silenceMs: 4000 }))
  await bob.join(server.port, ROOM, user('bob'))
  // Whoever does not answer is cut off at the second ping; every ping counts as received.
  const received = (): Promise<number> => ann.page.evaluate(() => lab.client.getStats().bytesReceived)
  const before = await received()
  await expect.poll(received, 'many pings').toBeGreaterThan(before + 3 * '{"type":"ping","timestamp":1700000000000}'.length)
  expect(await ann.get('states')).toHaveLength(2)
  proxy.mode = 'blackhole'
  await expect.poll(() => members(bob), 'the server cuts off who does not answer').toEqual(['bob'])
  await ann.untilStatus('reconnecting')
  expect((await ann.causes())[0]).toBe('lost/heartbeat')
  proxy.mode = 'pass'
  await expect.poll(() => members(bob)).toEqual(['ann', 'bob'])
  await expect.poll(() => members(ann)).toEqual(['ann', 'bob'])
})

test('what a hand-written server cannot be told throws where it was called', async ({ world }) => {
  const server = await world.example('channels')
  const ann = await world.actor()
  await ann.join(server.port, ROOM, USUAL)
  const code = await ann.page.evaluate((room) => {
    try {
      lab.client.channel(room).typing()
    } catch (error) {
      return (error as { code?: string }).code
    }
  }, ROOM)
  expect(code).toBe('misuse/unsupported')
})

test('a Discord-style chat: the shard of the welcome, messages, typing, events of the user’s own, errors', async ({ world }) => {
  const server = await world.example('chat')
  const [ann, bob] = [await world.actor(), await world.actor()]
  await ann.join(server.port, ROOM, user('ann', presets.chat))
  await ann.page.evaluate((room) => lab.watchTyping(room), ROOM)
  await bob.join(server.port, ROOM, user('bob', presets.chat))
  expect(await bob.page.evaluate(() => lab.client.getConnectionInfo())).toMatchObject({ shardId: 1, connectionId: expect.stringMatching(/./) })
  const events = async (actor: Actor): Promise<string[]> => (await actor.get('messages')).map(({ event }) => event)
  await expect.poll(() => events(ann)).toEqual(['USER_JOINED'])

  await bob.page.evaluate((room) => lab.client.channel(room).typing(), ROOM)
  await expect.poll(() => ann.page.evaluate((room) => [...lab.client.channel(room).typingMembers], ROOM)).toEqual(['bob'])
  await bob.send(ROOM, 'MESSAGE_SEND', { text: 'Hello, Ann' })
  await expect.poll(() => events(ann)).toContain('MESSAGE_RECEIVED')
  expect((await ann.get('messages')).at(-1)).toMatchObject({ channel: ROOM, from: 'bob', payload: { channelId: ROOM, userId: 'bob', text: 'Hello, Ann' } })

  await ann.page.evaluate(() => void lab.client.send('STORAGE_SET', { key: 'theme', value: 'dark' }))
  await expect.poll(async () => (await ann.get('messages')).at(-1)).toMatchObject({ event: 'STORAGE_UPDATED', channel: '', payload: { value: 'dark' } })
  expect(await ann.get('problems')).toEqual([])
  await ann.page.evaluate(() => void lab.client.send('STORAGE_ERASE', {}))
  await expect.poll(() => ann.get('problems')).toEqual([{ code: 'refused/other', channel: undefined }])
})

test('heartbeats of a Discord-style chat are answered, and their absence is the death of the server', async ({ world }) => {
  const server = await world.example('chat', { HEARTBEAT_MS: '1000' })
  const proxy = await world.proxy(server)
  const [ann, bob] = [await world.actor(), await world.actor()]
  await bob.join(server.port, ROOM, user('bob', presets.chat))
  await ann.join(proxy.port, ROOM, user('ann', presets.chat))
  const received = (): Promise<number> => ann.page.evaluate(() => lab.client.getStats().bytesReceived)
  const before = await received()
  await expect.poll(received, 'three heartbeats').toBeGreaterThan(before + 3 * '{"type":"HEARTBEAT","timestamp":1700000000000}'.length)
  expect(await ann.get('states')).toHaveLength(2)
  proxy.mode = 'blackhole'
  await ann.untilStatus('reconnecting')
  expect((await ann.causes())[0]).toBe('lost/heartbeat')
  const left = async (): Promise<number> => (await bob.get('messages')).filter(({ event }) => event === 'USER_LEFT').length
  await expect.poll(left, 'the server cuts off who does not answer').toBe(1)
  proxy.mode = 'pass'
  await ann.untilStatus('connected')
  await ann.untilSubscribed(2)
})

test('after as many retries as agreed the client gives up, and connect starts over', async ({ world }) => {
  const server = await world.example('chat')
  const proxy = await world.proxy(server)
  const ann = await world.actor()
  await ann.join(proxy.port, ROOM, { ...user('ann', presets.chat), maxReconnectAttempts: 3 })
  const accepted = proxy.accepted
  proxy.mode = 'refuse'
  proxy.reset()
  await ann.untilStatus('failed')
  expect(proxy.accepted - accepted).toBe(3)
  expect((await ann.get('states')).at(-1)?.cause).toMatch(/^lost\//)
  proxy.mode = 'pass'
  await ann.page.evaluate(() => lab.client.connect())
  await ann.untilSubscribed(2)
})
