/** The hook of tautline/react/websocket on real sockets, with a server that the test plays. */
import { act, cleanup, render, screen } from '@testing-library/react'
import { StrictMode, useEffect, useState } from 'react'
import { renderToString } from 'react-dom/server'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import useDefault, { type Options, ReadyState, useWebSocket, type WebSocketHook } from '../../src/react/websocket/index.ts'
import { createFakeServer, type FakeConnection, type FakeServer } from '../../src/testing/index.ts'

const URL_A = 'ws://a.test/'

let server: FakeServer
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
  server = createFakeServer()
})
afterEach(async () => {
  cleanup()
  // What unmounted closes with the next task.
  await pass(0)
  server.close()
})

async function pass(ms: number): Promise<void> {
  await act(async () => {
    await server.settle()
    await vi.advanceTimersByTimeAsync(ms)
    await server.settle()
  })
}

let hook: WebSocketHook
let renders = 0

interface Props {
  readonly url?: string | (() => string | Promise<string>) | null
  readonly options?: Options
  readonly connect?: boolean
}

function Page({ url = URL_A, options, connect }: Props) {
  hook = useWebSocket(url, options, connect)
  renders++
  const [seen, setSeen] = useState<readonly unknown[]>([])
  const { lastMessage } = hook
  useEffect(() => {
    if (lastMessage) setSeen((before) => [...before, lastMessage.data])
  }, [lastMessage])
  return <output data-testid="seen">{seen.join(' ')}</output>
}

const seen = (): string | null => screen.getByTestId('seen').textContent

/** The page in StrictMode, connected. */
async function open(props: Props = {}): Promise<{ show(props: Props): void; connection: FakeConnection; unmount(): void }> {
  const page = render(<StrictMode><Page {...props} /></StrictMode>)
  await pass(0)
  const show = (next: Props): void => page.rerender(<StrictMode><Page {...next} /></StrictMode>)
  return { show, connection: server.connections[0] as FakeConnection, unmount: page.unmount }
}

test('the default export is the hook, so that changing the import is enough', () => {
  expect(useDefault).toBe(useWebSocket)
  expect(ReadyState).toEqual({ UNINSTANTIATED: -1, CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 })
})

test('StrictMode makes one connection; it opens, and ends with the component', async () => {
  const states: number[] = []
  const { unmount } = await open({ options: { onOpen: () => states.push(hook.readyState) } })
  expect(server.connections).toHaveLength(1)
  expect(hook.readyState).toBe(ReadyState.OPEN)
  expect(states).toHaveLength(1)
  unmount()
  await pass(0)
  expect(server.connections).toHaveLength(0)
})

test('every message of a burst becomes lastMessage in turn, and onMessage hears each once', async () => {
  const heard: unknown[] = []
  const { connection } = await open({ options: { onMessage: ({ data }) => heard.push(data) } })
  const all = Array.from({ length: 50 }, (_, index) => `m${index}`)
  for (const text of all) connection.send(text)
  await pass(0)
  // React would take fifty in a row for a loop without end.
  for (let rest = 0; rest < 3; rest++) await pass(16)
  expect(seen()).toBe(all.join(' '))
  expect(heard).toEqual(all)
})

test('more messages than a page can ever render are skipped with an error, and onMessage hears them all', async () => {
  const heard: unknown[] = []
  const errors: string[] = []
  const { connection } = await open({
    options: { onMessage: ({ data }) => heard.push(data), onError: (event) => errors.push((event as ErrorEvent).message) },
  })
  await act(async () => {
    for (let index = 0; index < 10_003; index++) connection.send(`${index}`)
    await server.settle()
  })
  expect(heard).toHaveLength(10_003)
  expect(errors).toEqual([expect.stringContaining('10000 messages waited')])
  expect(hook.lastMessage?.data).toBe('10002')
})

test('filter keeps messages from being rendered, and not from onMessage', async () => {
  const heard: unknown[] = []
  const { connection } = await open({ options: { filter: ({ data }) => data !== 'no', onMessage: ({ data }) => heard.push(data) } })
  const before = renders
  connection.send('no')
  await pass(0)
  expect(renders).toBe(before)
  connection.send('yes')
  await pass(0)
  expect([seen(), heard]).toEqual(['yes', ['no', 'yes']])
})

test('JSON goes out and comes in; what is no JSON is an empty object', async () => {
  const { connection, show } = await open()
  expect(hook.lastJsonMessage).toBe(null)
  hook.sendJsonMessage({ a: 1 })
  connection.send('{"b":2}')
  await pass(0)
  expect(connection.received).toEqual(['{"a":1}'])
  expect(hook.lastJsonMessage).toEqual({ b: 2 })
  connection.send('nonsense')
  await pass(0)
  expect(hook.lastJsonMessage).toEqual({})
  show({ options: { disableJson: true } })
  expect(hook.lastJsonMessage).toBe(null)
})

test('what is sent before there is a connection leaves in order once there is one; with keep false it is dropped', async () => {
  const { show, connection: none } = await open({ connect: false })
  expect([none, hook.readyState, hook.getWebSocket()]).toEqual([undefined, ReadyState.UNINSTANTIATED, null])
  const { sendMessage } = hook
  sendMessage('a')
  sendMessage('never', false)
  show({})
  expect(hook.readyState).toBe(ReadyState.CONNECTING)
  sendMessage('b')
  sendMessage('never', false)
  await pass(0)
  expect(server.connections[0]?.received).toEqual(['a', 'b'])
  sendMessage('now', false)
  await pass(0)
  expect(server.connections[0]?.received).toEqual(['a', 'b', 'now'])
  expect(hook.sendMessage).toBe(sendMessage)
})

test('it does not come back unless it is told to', async () => {
  const closes: number[] = []
  await open({ options: { onClose: ({ code }) => closes.push(code) } })
  server.drop(4000)
  await pass(60_000)
  expect([hook.readyState, closes, server.connections.length]).toEqual([ReadyState.CLOSED, [4000], 0])
})

test('shouldReconnect brings it back, and what was sent meanwhile is not lost', async () => {
  const { connection } = await open({ options: { shouldReconnect: ({ code }) => code === 1006 } })
  server.drop()
  await pass(0)
  expect(hook.readyState).toBe(ReadyState.CLOSED)
  hook.sendMessage('meanwhile')
  await pass(15_000)
  expect(hook.readyState).toBe(ReadyState.OPEN)
  expect(server.connections[0]).not.toBe(connection)
  expect(server.connections[0]?.received).toEqual(['meanwhile'])
})

test('a connection that cannot be made is tried again with retryOnError, as often as told, and then stops with a word', async () => {
  const stops: number[] = []
  const closes: number[] = []
  const errors: string[] = []
  server.down()
  await open({
    options: {
      retryOnError: true,
      reconnectAttempts: 3,
      reconnectInterval: 1000,
      onReconnectStop: (attempts) => stops.push(attempts),
      onClose: () => closes.push(Date.now()),
      onError: ({ type }) => errors.push(type),
    },
  })
  await pass(10_000)
  expect(closes.map((at) => at - (closes[0] ?? 0))).toEqual([0, 1000, 2000, 3000])
  expect([stops, errors.length, hook.readyState]).toEqual([[3], 4, ReadyState.CLOSED])
})

test('without retryOnError a connection that cannot be made stays away, and nobody speaks of attempts', async () => {
  const stops: number[] = []
  server.down()
  await open({ options: { onReconnectStop: (attempts) => stops.push(attempts) } })
  server.up()
  await pass(60_000)
  expect([hook.readyState, stops]).toEqual([ReadyState.CLOSED, []])
})

test('a function spaces the attempts', async () => {
  const asked: number[] = []
  const closes: number[] = []
  const stops: number[] = []
  const { connection } = await open({
    options: {
      shouldReconnect: () => true,
      reconnectAttempts: 3,
      reconnectInterval: (attempts) => {
        asked.push(attempts)
        return 2 ** attempts * 1000
      },
      onClose: () => closes.push(Date.now()),
      onReconnectStop: (attempts) => stops.push(attempts),
    },
  })
  expect(connection).toBeDefined()
  server.down()
  await pass(60_000)
  expect(asked).toEqual([0, 1, 2])
  expect(closes.map((at) => at - (closes[0] ?? 0))).toEqual([0, 1000, 3000, 7000])
  expect(stops).toEqual([3])
})

test('readyState says when an attempt is under way', async () => {
  await open({ options: { shouldReconnect: () => true, reconnectInterval: 1000 } })
  server.drop()
  await pass(999)
  expect(hook.readyState).toBe(ReadyState.CLOSED)
  let answer = (_url: string): void => {}
  const page = render(<Page url={() => new Promise((resolve) => (answer = resolve))} />)
  await pass(0)
  expect(hook.readyState).toBe(ReadyState.CONNECTING)
  answer('ws://later.test/')
  await pass(0)
  expect(hook.readyState).toBe(ReadyState.OPEN)
  expect(server.connections.map(({ url }) => url)).toContain('ws://later.test/')
  page.unmount()
})

test('components that share a URL share a socket, hear the same, and the last one closes it', async () => {
  const heard: string[] = []
  const opens: string[] = []
  const Shared = ({ name }: { readonly name: string }) => {
    const { readyState, getWebSocket } = useWebSocket(URL_A, { share: true, onMessage: ({ data }) => heard.push(`${name} ${data}`), onOpen: () => opens.push(name) })
    return <button onClick={() => getWebSocket()?.close()}>{`${name} ${readyState}`}</button>
  }
  const both = render(<StrictMode><Shared key="a" name="a" /><Shared key="b" name="b" /></StrictMode>)
  await pass(0)
  expect([server.connections.length, opens]).toEqual([1, ['a', 'b']])
  server.connections[0]?.send('hi')
  await pass(0)
  expect(heard).toEqual(['a hi', 'b hi'])
  vi.mocked(console.error).mockImplementation(() => {})
  screen.getByText('a 1').click()
  expect(vi.mocked(console.error).mock.calls.flat()).toEqual([expect.stringContaining('close() would concern every component')])
  vi.mocked(console.error).mockClear()
  both.rerender(<StrictMode><Shared key="b" name="b" /></StrictMode>)
  await pass(0)
  expect(server.connections).toHaveLength(1)
  screen.getByText('b 1')
  both.unmount()
  await pass(0)
  expect(server.connections).toHaveLength(0)
})

test('a shared socket can be looked at, and not taken over', async () => {
  await open({ options: { share: true } })
  const socket = hook.getWebSocket() as WebSocket
  expect([socket.url, socket.readyState, socket.binaryType]).toEqual([URL_A, 1, 'blob'])
  socket.binaryType = 'arraybuffer'
  expect(hook.getWebSocket()?.binaryType).toBe('arraybuffer')
  vi.mocked(console.error).mockImplementation(() => {})
  socket.onmessage = () => {}
  socket.send('no')
  expect(vi.mocked(console.error)).toHaveBeenCalledTimes(2)
  vi.mocked(console.error).mockClear()
  expect(server.connections[0]?.received).toEqual([])
})

test('another URL is another connection, and the old one is heard no more', async () => {
  const heard: unknown[] = []
  const options: Options = { onMessage: ({ data }) => heard.push(data) }
  const { connection, show } = await open({ options })
  connection.send('hi')
  await pass(0)
  expect(hook.lastMessage?.data).toBe('hi')
  show({ url: 'ws://b.test/', options })
  expect(hook.lastMessage).toBe(null)
  expect(hook.readyState).toBe(ReadyState.CONNECTING)
  connection.send('late')
  await pass(0)
  expect(server.connections.map(({ url }) => url)).toEqual(['ws://b.test/'])
  show({ url: null, options })
  expect(hook.readyState).toBe(ReadyState.UNINSTANTIATED)
  await pass(0)
  expect([server.connections.length, heard]).toEqual([0, ['hi']])
})

test('options that are other objects with every render change nothing', async () => {
  const { show } = await open({ options: { queryParams: { a: 1, b: 'x y' }, protocols: ['v1', 'v2'] } })
  show({ options: { queryParams: { a: 1, b: 'x y' }, protocols: ['v1', 'v2'] } })
  await pass(0)
  expect(server.connections.map(({ url, protocol }) => [url, protocol])).toEqual([[`${URL_A}?a=1&b=x+y`, 'v1']])
})

test('a dead line is noticed by the heartbeat, whose answers are no messages', async () => {
  const closes: string[] = []
  const { connection } = await open({
    options: { heartbeat: { message: () => 'ping!', returnMessage: 'pong!', interval: 1000, timeout: 500 }, shouldReconnect: () => true, onClose: ({ reason }) => closes.push(reason) },
  })
  // The first beat comes at a random time.
  for (let waited = 0; waited < 1000 && connection.received.length === 0; waited += 50) await pass(50)
  expect(connection.received).toEqual(['ping!'])
  connection.send('pong!')
  await pass(600)
  expect([seen(), closes]).toEqual(['', []])
  await pass(5000)
  expect(closes[0]).toBe('lost/heartbeat')
})

test('a URL that cannot be is an error and a closed state, and the page goes on', async () => {
  const errors: string[] = []
  await open({ url: 'nonsense://x', options: { onError: (event) => errors.push((event as ErrorEvent).message) } })
  expect(errors[0]).toMatch(/scheme/)
  expect(hook.readyState).toBe(ReadyState.CLOSED)
})

test('a callback that throws harms no other component', async () => {
  const reports = vi.fn()
  vi.stubGlobal('reportError', reports)
  const heard: unknown[] = []
  function Two() {
    useWebSocket(URL_A, {
      share: true,
      onMessage: () => {
        throw new Error('broken')
      },
    })
    useWebSocket(URL_A, { share: true, onMessage: ({ data }) => heard.push(data) })
    return null
  }
  render(<Two />)
  await pass(0)
  server.connections[0]?.send('hi')
  await pass(0)
  expect(heard).toEqual(['hi'])
  expect(reports).toHaveBeenCalledTimes(1)
})

test('on a server nothing happens, and the state is that of the first render', () => {
  expect(renderToString(<Page />)).toContain('data-testid')
  expect(hook.readyState).toBe(ReadyState.CONNECTING)
  expect(renderToString(<Page url={null} />)).toContain('data-testid')
  expect(hook.readyState).toBe(ReadyState.UNINSTANTIATED)
  expect(server.connections).toHaveLength(0)
})
