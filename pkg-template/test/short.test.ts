/** Messages that go the short way: their frames are written here, and only numbers reach the real core. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Channel, type Client, createClient } from '../src/index.ts'
import { createFakeServer, type FakeServer } from '../src/testing/index.ts'

const NAME = 'the "room" \u{1f600} \\'
const LONG = 'x'.repeat(2000)

let server: FakeServer
let client: Client
let room: Channel<Record<string, unknown>>
beforeEach(async () => {
  vi.useFakeTimers({ now: 1_700_000_000_000 })
  server = createFakeServer()
  client = createClient({ url: server.url })
  room = client.channel<Record<string, unknown>>(NAME)
  client.connect()
  await server.settle()
})
afterEach(() => {
  client.destroy()
  server.close()
  vi.useRealTimers()
})

/** The frames that leave while something is done. */
async function frames(action: () => void): Promise<string[]> {
  const send = vi.spyOn(client.socket as WebSocket, 'send')
  action()
  const sent = send.mock.calls.map(([frame]) => String(frame))
  send.mockRestore()
  await server.settle()
  return sent
}

test('both ways write the same frame, whatever is said and however long the last one was', async () => {
  const payloads = [{ a: [1, null] }, 'te"xt', 0, false, null, new Date(0), LONG, LONG, { text: LONG }, 'short', 7]
  for (const payload of payloads) {
    const [short] = await frames(() => void room.send('an "event"', payload))
    const [long] = await frames(() => void room.send('an "event"', payload, { ttlMs: 1000 }))
    const frame = JSON.parse(short as string) as { id: number }
    expect(short).toBe(JSON.stringify({ type: 'publish', id: frame.id, channel: NAME, event: 'an "event"', payload }))
    expect(long).toBe(JSON.stringify({ ...frame, id: frame.id + 1 }))
  }
  expect(server.messages()).toHaveLength(2 * payloads.length)
})

test.each(['short', LONG])('after a message like it, what JSON cannot say is refused at the call and takes no number', async (before) => {
  const circle: Record<string, unknown> = {}
  circle['self'] = circle
  const wrong = [circle, 1n, () => {}, Symbol('s'), { toJSON: () => undefined }]
  await frames(() => void room.send('x', before))
  for (const payload of wrong) {
    const refused = (): unknown => room.send('x', payload)
    expect(refused).toThrow(expect.objectContaining({ code: 'misuse/unserialisable' }))
  }
  const [next] = await frames(() => void room.send('x', before))
  expect(JSON.parse(next as string)).toMatchObject({ id: 2, payload: before })
})

test('what a payload does while it is written is its own message: both arrive, each once', async () => {
  const payload = {
    toJSON() {
      room.send('inner', 1)
      return 2
    },
  }
  await frames(() => void room.send('outer', payload))
  expect(server.messages().map(({ event, payload }) => [event, payload])).toEqual([['inner', 1], ['outer', 2]])
})

test.each(['short', LONG])('channels and events that take turns, also while a payload is written, are not taken for each other', async (text) => {
  const other = client.channel<Record<string, unknown>>('other')
  const nested = {
    toJSON() {
      other.send('"b"', 'nested')
      return 'nesting'
    },
  }
  const sent = await frames(() => {
    for (const event of ['a', '"b"']) for (const channel of [room, other, room]) channel.send(event, text)
    room.send('a', nested)
    room.send('a', 'last')
  })
  const said = sent.map((frame) => JSON.parse(frame) as { channel: string; event: string; payload: string })
  expect(said.map(({ channel, event, payload }) => [channel, event, payload])).toEqual([
    ...['a', '"b"'].flatMap((event) => [NAME, 'other', NAME].map((channel) => [channel, event, text])),
    ['other', '"b"', 'nested'],
    [NAME, 'a', 'nesting'],
    [NAME, 'a', 'last'],
  ])
  const received = server.messages().map(({ channel }) => channel)
  expect([received.filter((channel) => channel === NAME).length, received.length]).toEqual([6, 9])
})

test.each([0, 100])('a socket that holds enough is given no more; once it has room all goes on, in order (asked after %i ms)', async (ms) => {
  let held = 1_000_000
  Object.defineProperty(client.socket, 'bufferedAmount', { get: () => held })
  const texts = Array.from({ length: 200 }, (_, index) => `${index} ${LONG}`)
  const send = (part: string[]): string[] => part.map((text) => room.send('x', text).status)
  expect(new Set(send(texts.slice(0, 100)))).toEqual(new Set(['sent']))
  expect(send(texts.slice(100, 190)).at(-1)).toBe('queued')
  held = 0
  await vi.advanceTimersByTimeAsync(ms)
  expect(send(texts.slice(190))).toEqual(Array(10).fill('sent'))
  await server.settle()
  expect(server.messages().map(({ payload }) => payload)).toEqual(texts)
})

test('an error of a payload is told at the call and breaks nothing', async () => {
  const payload = {
    toJSON() {
      throw new Error('on purpose')
    },
  }
  expect(() => room.send('x', payload)).toThrow(expect.objectContaining({ code: 'misuse/unserialisable' }))
  await frames(() => void room.send('x', 1))
  expect(server.messages()).toMatchObject([{ payload: 1 }])
  expect(client.state.status).toBe('connected')
})
