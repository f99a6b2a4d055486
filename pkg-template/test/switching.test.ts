import { afterEach, expect, test, vi } from 'vitest'
import { laterClient } from '../src/client.ts'
import * as core from '../src/core.ts'
import { type EnvClient, type EnvDialect, type Making, SwitchingClient } from '../src/env/client.ts'
import { compile } from '../src/json/compile.ts'
import { JsonDialect } from '../src/json/dialect.ts'
import { presets } from '../src/json/presets.ts'
import type { Switched } from '../src/lifecycle.ts'
import { FakeCore } from './fake-core.ts'

const plain = new JsonDialect(compile(presets.channels))
const acks = new JsonDialect(compile({
  ...presets.channels,
  send: { ...presets.channels.send, publish: { ...presets.channels.send.publish, id: '$id' } },
  receive: { ...presets.channels.receive, ack: 'ack' },
}))
const discord = new JsonDialect(compile(presets.chat))
/** The core's numbers of states and causes. */
const [CONNECTED, RECONNECTING, FAILED] = [2, 3, 5]
const [TOKEN_INVALID, NETWORK, LATE_HANDSHAKE] = [13, 25, 33]

afterEach(() => {
  vi.useRealTimers()
})

function create(making: Partial<Making> = {}): { client: EnvClient<Record<string, unknown>>; switches: Switched[] } {
  const servers = { plain: { url: 'ws://localhost/plain', dialect: plain }, discord: { url: () => 'ws://localhost/chat', dialect: discord } }
  const made = new SwitchingClient({ options: {}, loadCore: () => FakeCore, servers, first: 'discord', fallback: false, ...making })
  const client = made as unknown as EnvClient<Record<string, unknown>>
  const switches: Switched[] = []
  client.onLifecycle('switched', (event) => switches.push(event))
  return { client, switches }
}

function connect(making?: Partial<Making>): ReturnType<typeof create> & { fake: FakeCore } {
  const created = create(making)
  created.client.connect()
  return { ...created, fake: FakeCore.last }
}

test('what was handed out goes on over a switch: listeners, channels and messages, on the same core', async () => {
  const { client, fake, switches } = connect()
  fake.state(CONNECTED)
  const heard = vi.fn()
  const room = client.channel('room')
  room.on('hello', heard)
  const waiting = client.send('m', { n: 1 }, { channel: 'room' })
  client.switchTo('plain')
  expect(fake.of('speak')).toEqual([[plain.core]])
  expect([client.dialect, client.channel('room') === room, FakeCore.last === fake]).toEqual(['plain', true, true])
  expect(switches).toEqual([{ from: 'discord', to: 'plain', reason: 'asked', cause: undefined }])
  fake.deliver(1, 'hello', 'x')
  expect(heard).toHaveBeenCalledWith('x', expect.anything())
  fake.tell(core.SENT, waiting.id, 1)
  await expect(waiting.receipt).resolves.toMatchObject({ status: 'sent', channel: 'room' })
  expect(fake.of('publish')).toHaveLength(1)
})

test('after a switch the other URL is asked for, and what the other server cannot be told throws', async () => {
  const { client, fake } = connect()
  expect(await fake.host.url()).toBe('ws://localhost/chat')
  client.channel('room').typing()
  client.switchTo('plain')
  expect(await fake.host.url()).toBe('ws://localhost/plain')
  expect(() => client.channel('room').typing()).toThrow(expect.objectContaining({ code: 'misuse/unsupported' }))
})

test('a switch before the first connect only changes what is spoken then', () => {
  const { client, switches } = create()
  client.switchTo('plain')
  client.connect()
  expect([client.dialect, switches.length]).toEqual(['plain', 1])
  expect(FakeCore.last.options).toMatchObject(plain.core)
  expect(FakeCore.last.of('speak')).toEqual([])
})

test('a switch to what is spoken already does nothing, and one to nowhere or after destroy throws', () => {
  const { client, fake, switches } = connect()
  client.switchTo('discord')
  expect([fake.of('speak'), switches]).toEqual([[], []])
  expect(() => client.switchTo('toString' as EnvDialect)).toThrow(expect.objectContaining({ code: 'misuse/invalid-option' }))
  client.destroy()
  expect(() => client.switchTo('plain')).toThrow(expect.objectContaining({ code: 'misuse/destroyed' }))
  expect(client.dialect).toBe('discord')
})

/** Connected to a server that has not acknowledged one message yet. */
function connectAcks(): ReturnType<typeof connect> {
  if (!vi.isFakeTimers()) vi.useFakeTimers()
  const servers = { plain: { url: 'ws://localhost/', dialect: acks }, discord: { url: 'ws://localhost/', dialect: discord } }
  const connected = connect({ servers, first: 'plain' })
  connected.fake.state(CONNECTED)
  connected.client.send('m', { n: 1 }, { channel: 'room' })
  connected.fake.snapshot = [0, -1, 1]
  return connected
}

test('a switch waits for acknowledgements, and what is sent meanwhile goes to the new server', async () => {
  const { client, fake, switches } = connectAcks()
  client.switchTo('discord')
  const later = client.send('m', { n: 2 }, { channel: 'room' })
  await vi.advanceTimersByTimeAsync(500)
  expect([client.dialect, later.status, fake.of('publish').length]).toEqual(['plain', 'queued', 1])
  fake.snapshot = [0, -1, 0]
  await vi.advanceTimersByTimeAsync(20)
  expect(fake.calls.map(([name]) => name).slice(-2)).toEqual(['speak', 'publish'])
  expect([client.dialect, switches.length]).toEqual(['discord', 1])
})

test('the wait for acknowledgements ends with its two seconds, and with the connection', async () => {
  const slow = connectAcks()
  slow.client.switchTo('discord')
  await vi.advanceTimersByTimeAsync(1_900)
  expect(slow.client.dialect).toBe('plain')
  await vi.advanceTimersByTimeAsync(200)
  expect(slow.client.dialect).toBe('discord')
  const lost = connectAcks()
  lost.client.switchTo('discord')
  lost.fake.state(RECONNECTING, NETWORK)
  await vi.advanceTimersByTimeAsync(20)
  expect(lost.client.dialect).toBe('discord')
})

test('a switch that waits can be taken back, and ends with the client', async () => {
  const changed = connectAcks()
  changed.client.switchTo('discord')
  changed.client.switchTo('discord')
  changed.client.switchTo('plain')
  const gone = connectAcks()
  gone.client.switchTo('discord')
  gone.client.destroy()
  await vi.advanceTimersByTimeAsync(3_000)
  expect([changed.client.dialect, changed.switches, gone.switches]).toEqual(['plain', [], []])
  changed.client.send('m', { n: 2 }, { channel: 'room' })
  expect(changed.fake.of('publish'), 'nothing is held any more').toHaveLength(2)
})

test('a server that does not welcome us in time is left for the other one, after everybody heard why', async () => {
  const { client, fake, switches } = connect({ fallback: true })
  const heard: string[] = []
  client.onConnectionStateChange(({ status }) => heard.push(status))
  client.onLifecycle('switched', ({ to }) => heard.push(to))
  fake.state(RECONNECTING, LATE_HANDSHAKE)
  expect(client.dialect).toBe('discord')
  await Promise.resolve()
  expect(client.dialect).toBe('plain')
  expect(heard).toEqual(['reconnecting', 'plain'])
  expect(switches).toMatchObject([{ reason: 'unwelcomed', cause: { code: 'late/handshake' } }])
  fake.state(RECONNECTING, LATE_HANDSHAKE)
  fake.state(FAILED, NETWORK)
  await Promise.resolve()
  expect(switches, 'each has one chance').toHaveLength(1)
  client.connect()
  fake.state(FAILED, NETWORK)
  await Promise.resolve()
  expect(switches.at(-1), 'until the next connect').toMatchObject({ to: 'discord', reason: 'failed' })
})

test.each<[string, number, number]>([
  ['the token is refused', FAILED, TOKEN_INVALID],
  ['the line is lost', RECONNECTING, NETWORK],
])('where %s, the other server would not do better', async (_, state, cause) => {
  const { fake, switches } = connect({ fallback: true })
  fake.state(state, cause)
  await Promise.resolve()
  expect(switches).toEqual([])
})

test('who was welcomed once stays, and so does who did not ask for a fallback', async () => {
  const welcomed = connect({ fallback: true })
  welcomed.fake.state(CONNECTED)
  welcomed.fake.state(RECONNECTING, LATE_HANDSHAKE)
  welcomed.fake.state(FAILED, NETWORK)
  const plainly = connect()
  plainly.fake.state(FAILED, NETWORK)
  await Promise.resolve()
  expect([welcomed.switches, plainly.switches]).toEqual([[], []])
})

test('a listener that closes, destroys or switches when it hears of the failure is not overruled', async () => {
  for (const act of ['close', 'destroy', 'switchTo'] as const) {
    const { client, fake, switches } = connect({ fallback: true })
    client.onConnectionStateChange(({ status }) => {
      if (status !== 'failed') return
      if (act === 'switchTo') client.switchTo('plain')
      else client[act]()
    })
    fake.state(FAILED, NETWORK)
    await Promise.resolve()
    expect(switches.map(({ reason }) => reason)).toEqual(act === 'switchTo' ? ['asked'] : [])
  }
})

test('a client that took over what another runs on is the one that is switched, by hand and by itself', async () => {
  const { client: described } = create({ fallback: true })
  const client = laterClient({ url: 'ws://localhost/' }, async () => described)
  const switches: string[] = []
  client.onLifecycle('switched', ({ to, reason }) => switches.push(`${to} ${reason}`))
  described.switchTo('plain')
  client.connect()
  await new Promise((resolve) => setTimeout(resolve))
  const fake = FakeCore.last
  expect(fake.options).toMatchObject(plain.core)
  expect(await fake.host.url()).toBe('ws://localhost/plain')
  fake.state(FAILED, NETWORK)
  await Promise.resolve()
  described.switchTo('plain')
  expect(fake.of('speak')).toEqual([[discord.core], [plain.core]])
  expect(switches).toEqual(['discord failed', 'plain asked'])
  client.destroy()
  expect(() => described.switchTo('discord')).toThrow(expect.objectContaining({ code: 'misuse/destroyed' }))
})
