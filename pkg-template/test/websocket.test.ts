/** TautlineSocket on the real core, with sockets that a test plays and a clock that it turns. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { TautlineSocket } from '../src/websocket/index.ts'
import { connected, open, retry, ScriptedSocket, settle } from './scripted-socket.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 1_700_000_000_000 })
  ScriptedSocket.all = []
})
afterEach(() => {
  vi.useRealTimers()
})

test('what is sent before there is a connection is counted, and leaves in order once there is one', async () => {
  const { socket } = await open()
  expect(socket.readyState).toBe(0)
  expect([socket.send('ä'), socket.send(new Uint8Array(3)), socket.send(new Blob(['four']))]).toEqual([false, false, false])
  expect(socket.bufferedAmount).toBe(9)
  ScriptedSocket.last.opens()
  expect(ScriptedSocket.last.sent).toEqual(['ä', new Uint8Array(3), expect.any(Blob)])
  expect(socket.bufferedAmount).toBe(0)
  expect(socket.send('now')).toBe(true)
  ScriptedSocket.last.bufferedAmount = 5
  expect(socket.bufferedAmount).toBe(5)
})

test('bytes are copied at the call, so that a buffer used again does not change what waits', async () => {
  const { socket } = await open()
  const bytes = new Uint8Array([1, 2, 3, 4])
  socket.send(bytes.subarray(1, 3))
  socket.send(bytes.buffer)
  bytes.fill(9)
  ScriptedSocket.last.opens()
  expect(ScriptedSocket.last.sent).toEqual([new Uint8Array([2, 3]), new Uint8Array([1, 2, 3, 4])])
})

test('a lost connection is told as closed, and what waits meanwhile goes over the next one, once', async () => {
  const { socket, events } = await connected()
  socket.send('gone with it')
  ScriptedSocket.last.ends(1006)
  expect(events).toEqual(['close 1006'])
  expect([socket.readyState, socket.shouldReconnect, socket.retryCount]).toEqual([3, true, 1])
  socket.send('later')
  await retry()
  expect(socket.readyState).toBe(0)
  ScriptedSocket.last.fails()
  await retry()
  ScriptedSocket.last.opens()
  expect(ScriptedSocket.all.map(({ sent }) => sent)).toEqual([['gone with it'], [], ['later']])
  expect(events).toEqual(['close 1006', 'error', 'close 1006', 'open'])
})

test('an error comes before the close it belongs to, and an attempt that takes too long has both', async () => {
  const { socket, events } = await open({ connectionTimeout: 1000 })
  await vi.advanceTimersByTimeAsync(1000)
  expect(events).toEqual(['error', 'close 1006 late/open'])
  expect(ScriptedSocket.last.closes).toHaveLength(1)
  expect(socket.readyState).toBe(3)
})

test('the old socket’s late words are heard by nobody', async () => {
  const { socket, events } = await open({ connectionTimeout: 1000 })
  const old = ScriptedSocket.last
  await vi.advanceTimersByTimeAsync(1000)
  await retry()
  events.length = 0
  const said = old.onmessage
  old.opens()
  said?.({ data: 'late' })
  old.fails()
  expect(events).toEqual([])
  ScriptedSocket.last.ends(4000, 'new')
  expect(events).toEqual(['error', 'close 4000 new'].slice(1))
  expect(socket.readyState).toBe(3)
})

test('a close before the connection opened is an error and a close, and nothing goes on behind it', async () => {
  const { socket, events } = await open()
  socket.send('kept')
  socket.close()
  expect([socket.readyState, events]).toEqual([2, []])
  await settle()
  expect([socket.readyState, socket.shouldReconnect, events]).toEqual([3, false, ['error', 'close 1006']])
  expect(vi.getTimerCount()).toBe(0)
  expect(ScriptedSocket.all).toHaveLength(1)
})

test('a close between two attempts ends the waiting without another event, and leaves no timer', async () => {
  const { socket, events } = await connected()
  ScriptedSocket.last.ends(1006)
  socket.close()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(events).toEqual(['close 1006'])
  expect([ScriptedSocket.all.length, vi.getTimerCount()]).toEqual([1, 0])
})

test('a close in the middle of the functions for the URL stops the attempt that asked', async () => {
  let answer: ((url: string) => void) | undefined
  const { socket, events } = await open({}, () => new Promise((resolve) => (answer = resolve)))
  socket.close()
  answer?.('ws://x/')
  await vi.advanceTimersByTimeAsync(60_000)
  expect([events, ScriptedSocket.all.length]).toEqual([['error', 'close 1006'], 0])
})

test('the server’s answer to a close is what the application hears; without one it is not waited for long', async () => {
  const { socket, events } = await connected()
  socket.close(4001, 'bye')
  expect([socket.readyState, ScriptedSocket.last.closes]).toEqual([2, [[4001, 'bye']]])
  ScriptedSocket.last.ends(4001, 'bye')
  expect([socket.readyState, events]).toEqual([3, ['close 4001 bye']])
  const mute = await connected()
  mute.socket.close()
  await vi.advanceTimersByTimeAsync(2_000)
  expect([mute.socket.readyState, mute.events, vi.getTimerCount()]).toEqual([3, ['close 1006'], 0])
})

test('messages that come after the close are not heard', async () => {
  const { socket, events } = await connected()
  socket.close()
  ScriptedSocket.last.says('late')
  expect(events).toEqual([])
})

test('everything that was given to an open socket leaves before its close, also behind a full buffer', async () => {
  const { socket } = await connected()
  ScriptedSocket.last.bufferedAmount = 1 << 20
  for (let index = 0; index < 3; index++) socket.send(new Uint8Array(300_000))
  const { sent, closes } = ScriptedSocket.last
  expect(sent.length).toBeLessThan(3)
  socket.close()
  expect([sent.length, closes.length]).toEqual([3, 1])
})

test('a reconnect closes what there is with the words given, forgets the retries, and what was queued stays', async () => {
  const { socket, events } = await connected()
  const old = ScriptedSocket.last
  socket.reconnect(4002, 'again')
  expect(old.closes).toEqual([[4002, 'again']])
  expect(events).toEqual(['close 4002 again'])
  socket.send('kept')
  await settle()
  old.ends(1000)
  ScriptedSocket.last.opens()
  expect([socket.readyState, socket.retryCount, ScriptedSocket.last.sent]).toEqual([1, 0, ['kept']])
})

test('a listener that calls reconnect or close from within an event is not in its own way', async () => {
  const { socket, events } = await connected()
  socket.addEventListener('close', () => socket.reconnect(), { once: true })
  ScriptedSocket.last.ends(1006)
  await settle()
  ScriptedSocket.last.opens()
  expect(socket.readyState).toBe(1)
  socket.addEventListener('close', () => socket.close())
  ScriptedSocket.last.ends(1006)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(events).toEqual(['close 1006', 'open', 'close 1006'])
  expect([socket.readyState, ScriptedSocket.all.length]).toEqual([3, 2])
})

test('a listener that throws harms no other and not the socket', async () => {
  const { socket, events } = await connected()
  const errors: unknown[] = []
  const hear = (error: unknown): void => void errors.push(error)
  process.on('uncaughtException', hear)
  socket.onmessage = () => {
    throw new Error('thrown on purpose')
  }
  ScriptedSocket.last.says('one')
  ScriptedSocket.last.says('two')
  vi.useRealTimers()
  await new Promise((resolve) => setTimeout(resolve))
  process.off('uncaughtException', hear)
  expect([events, errors.length]).toEqual([['message one', 'message two'], 2])
})

test('after the agreed number of retries it gives up, says so, and a reconnect tries as often again', async () => {
  const { socket, events } = await open({ maxRetries: 2 })
  for (let round = 1; round <= 2; round++) {
    for (let attempt = 0; attempt < 3; attempt++) {
      if (attempt > 0) await retry()
      expect(socket.shouldReconnect).toBe(true)
      ScriptedSocket.last.fails()
    }
    await vi.advanceTimersByTimeAsync(120_000)
    expect([ScriptedSocket.all.length, socket.readyState, socket.shouldReconnect, vi.getTimerCount()]).toEqual([3 * round, 3, false, 0])
    socket.reconnect()
    await settle()
  }
  expect(events.filter((event) => event.startsWith('close'))).toHaveLength(6)
})

test('waits lie between the shortest and the longest, grow, and differ from socket to socket', async () => {
  const firsts = new Set<number>()
  for (let index = 0; index < 5; index++) {
    const { socket } = await open({ minReconnectionDelay: 1000, maxReconnectionDelay: 3000, reconnectionDelayGrowFactor: 2 })
    for (let attempt = 0; attempt < 6; attempt++) {
      ScriptedSocket.last.fails()
      const [since, before] = [Date.now(), ScriptedSocket.all.length]
      while (ScriptedSocket.all.length === before) await vi.advanceTimersByTimeAsync(1)
      const waited = Date.now() - since
      expect(waited).toBeGreaterThanOrEqual(1000)
      expect(waited).toBeLessThanOrEqual(3001)
      if (attempt === 0) firsts.add(waited)
    }
    socket.close()
  }
  expect(firsts.size).toBeGreaterThan(1)
})

test('a connection that held for minUptime starts the count anew, and one that did not does not', async () => {
  const { socket } = await connected({ minUptime: 1000 })
  ScriptedSocket.last.ends(1006)
  await retry()
  ScriptedSocket.last.opens()
  expect(socket.retryCount).toBe(1)
  await vi.advanceTimersByTimeAsync(1000)
  expect(socket.retryCount).toBe(0)
})

test('a full queue drops the newest, and says so each time', async () => {
  const { socket, events } = await open({ maxEnqueuedMessages: 2 })
  const said = ['one', 'two', 'three'].map((text) => socket.send(text))
  expect([said, events]).toEqual([[false, false, false], ['drop three']])
  ScriptedSocket.last.opens()
  expect(ScriptedSocket.last.sent).toEqual(['one', 'two'])
  expect((await open({ maxEnqueuedBytes: 3 })).socket.send('four')).toBe(false)
})

test('an open socket without a queue still takes whatever it is given', async () => {
  const { socket, events } = await connected({ maxEnqueuedMessages: 0 })
  for (let index = 0; index < 5; index++) socket.send(new Uint8Array(300_000))
  socket.close()
  expect([ScriptedSocket.last.sent.length, events]).toEqual([5, []])
})

test('what was not sent can be taken back, and is then not sent', async () => {
  const { socket } = await open()
  socket.send('one')
  socket.send(new Uint8Array([2]))
  expect(socket.drainQueuedMessages()).toEqual(['one', new Uint8Array([2])])
  ScriptedSocket.last.opens()
  expect([ScriptedSocket.last.sent, socket.drainQueuedMessages()]).toEqual([[], []])
})

test('it can start closed: nothing is opened, nothing is lost, until it is asked to connect', async () => {
  const { socket, events } = await open({ startClosed: true })
  expect([socket.readyState, socket.shouldReconnect, ScriptedSocket.all.length]).toEqual([3, false, 0])
  socket.close()
  socket.send('early')
  socket.reconnect()
  await settle()
  ScriptedSocket.last.opens()
  expect([events, ScriptedSocket.last.sent]).toEqual([['open'], ['early']])
})

test('URL and subprotocols may be functions, asked for each attempt; what they throw is an error and a close', async () => {
  const urls = ['ws://one/', 'http://two/path', new URL('wss://three/')]
  const socket = new TautlineSocket(() => urls.shift() ?? Promise.reject(new Error('no more')), async () => `v${urls.length}`, {
    WebSocket: ScriptedSocket,
    maxRetries: 3,
  })
  const seen: unknown[] = []
  socket.onerror = (event) => seen.push((event as ErrorEvent).message)
  for (const [url, protocol] of [['ws://one/', 'v2'], ['ws://two/path', 'v1'], ['wss://three/', 'v0']] as const) {
    await retry()
    expect([ScriptedSocket.last.url, ScriptedSocket.last.protocols, socket.url]).toEqual([url, [protocol], url])
    ScriptedSocket.last.opens()
    expect(socket.protocol).toBe(protocol)
    ScriptedSocket.last.ends(1006)
  }
  await vi.advanceTimersByTimeAsync(20_000)
  expect(seen).toEqual(['no more'])
  expect([socket.readyState, socket.shouldReconnect]).toEqual([3, false])
})

test('the function for the URL may name the socket that is being made', async () => {
  const socket: TautlineSocket = new TautlineSocket(() => `ws://x/?retry=${socket.retryCount}`, [], { WebSocket: ScriptedSocket })
  await settle()
  expect(ScriptedSocket.last.url).toBe('ws://x/?retry=0')
})

test('the application may decide after which close it comes back', async () => {
  const asked = vi.fn(({ code }: CloseEvent) => code !== 4001)
  const { socket, events } = await connected({ shouldReconnectOnClose: asked })
  ScriptedSocket.last.ends(4000)
  await retry()
  ScriptedSocket.last.opens()
  ScriptedSocket.last.ends(4001, 'go away')
  await vi.advanceTimersByTimeAsync(60_000)
  expect(events).toEqual(['close 4000', 'open', 'close 4001 go away'])
  expect([asked.mock.calls.length, socket.shouldReconnect, ScriptedSocket.all.length]).toEqual([2, false, 2])
})

test('as one connection for a library it tries in silence until it is open, and ends with the connection', async () => {
  const { socket, events } = await open({ reconnect: 'until-open' })
  for (let attempt = 0; attempt < 8; attempt++) {
    ScriptedSocket.last.fails()
    expect(socket.readyState).toBe(0)
    await retry()
  }
  ScriptedSocket.last.opens()
  ScriptedSocket.last.ends(1006)
  await vi.advanceTimersByTimeAsync(60_000)
  expect([events, socket.readyState, ScriptedSocket.all.length, vi.getTimerCount()]).toEqual([['open', 'close 1006'], 3, 9, 0])
})

test('as one connection for a library it can be closed while it waits', async () => {
  const { socket, events } = await open({ reconnect: 'until-open' })
  ScriptedSocket.last.fails()
  socket.close()
  await vi.advanceTimersByTimeAsync(60_000)
  expect([events, socket.readyState, ScriptedSocket.all.length]).toEqual([['error', 'close 1006'], 3, 1])
})

test('an agreed heartbeat beats, hides its answers, and finds a dead line', async () => {
  const { socket, events } = await connected({ heartbeat: { ping: 'hey', pong: 'ho', intervalMs: 1000, timeoutMs: 500 } })
  // The first one comes at random within the interval.
  while (ScriptedSocket.last.sent.length === 0) await vi.advanceTimersByTimeAsync(10)
  expect(ScriptedSocket.last.sent).toEqual(['hey'])
  ScriptedSocket.last.says('ho')
  ScriptedSocket.last.says('other')
  expect(events).toEqual(['message other'])
  await vi.advanceTimersByTimeAsync(2000)
  expect(events.at(-1)).toBe('close 1006 lost/heartbeat')
  expect(socket.readyState).toBe(3)
})

test('a server that was to speak and is silent is dead', async () => {
  const { events } = await connected({ heartbeat: { silenceMs: 3000 } })
  await vi.advanceTimersByTimeAsync(2900)
  ScriptedSocket.last.says('tick')
  await vi.advanceTimersByTimeAsync(2900)
  expect(events).toEqual(['message tick'])
  await vi.advanceTimersByTimeAsync(200)
  expect(events.at(-1)).toBe('close 1006 lost/heartbeat')
  expect(ScriptedSocket.last.sent).toEqual([])
})

test('bytes arrive as the application wants them, whatever the connection’s class does by itself', async () => {
  const { socket } = await connected()
  const seen: unknown[] = []
  socket.onmessage = ({ data }) => seen.push(data)
  expect(ScriptedSocket.last.binaryType).toBe('arraybuffer')
  const bytes = new Uint8Array([1, 2]).buffer
  ScriptedSocket.last.says(bytes)
  socket.binaryType = 'arraybuffer'
  ScriptedSocket.last.says(bytes)
  expect(seen[0]).toBeInstanceOf(Blob)
  expect(seen[1]).toBe(bytes)
})

test('impossible options, and a runtime without a WebSocket, are refused where the socket is made', () => {
  const make = (options: object): (() => TautlineSocket) => () => new TautlineSocket('ws://x/', [], options)
  expect(make({ connectionTimeout: 0 })).toThrow('connectionTimeout: expected a number from 1')
  expect(make({ reconnect: 'never' })).toThrow("reconnect: expected 'always' or 'until-open'")
  expect(make({ maxRetries: Number.NaN })).toThrow('maxRetries')
  vi.stubGlobal('WebSocket', undefined)
  expect(make({})).toThrow('Give the option `WebSocket`')
})

test('it tells what happens to whom it may, and to nobody by default', async () => {
  const said: unknown[][] = []
  await connected({ debug: true, debugLogger: (...words) => said.push(words) })
  expect(said.map(([, what]) => what)).toEqual(['attempt', 'connect', 'open'])
  const quiet = vi.fn()
  await connected({ debugLogger: quiet })
  expect(quiet).not.toHaveBeenCalled()
})

test('options given to a class hold for what it makes, beside those given to the object', async () => {
  const Bound = TautlineSocket.with({ WebSocket: ScriptedSocket, startClosed: true })
  expect(new Bound('ws://x/').readyState).toBe(3)
  expect(new Bound('ws://x/', 'a', { startClosed: false }).readyState).toBe(0)
  expect([Bound.OPEN, new Bound('ws://x/') instanceof TautlineSocket]).toEqual([1, true])
})
