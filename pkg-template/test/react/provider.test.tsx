import { act, render, screen } from '@testing-library/react'
import { StrictMode, Suspense, useState, version } from 'react'
import { expect, test, vi } from 'vitest'
import { TautlineProvider, useConnectionState, useTautline, useWebSocket, useWebSocketConnected, useWebSocketContext, useWebSocketSend } from '../../src/react/index.ts'
import { createFake, FakeCore } from '../fake-core.ts'
import { crash, open, settle, welcome } from './bench.tsx'

declare const REACT: string

function Status() {
  return <p>{useConnectionState().status}</p>
}

test('the tests run on the React of their name', () => {
  expect(version.split('.')[0]).toBe(REACT)
})

test('in StrictMode there is one client, one connection, and none is closed', async () => {
  const { core } = open(<Status />)
  await settle()
  expect(core.of('connect')).toHaveLength(1)
  expect(core.of('close')).toHaveLength(0)
  screen.getByText('connected')
})

test('the provider closes what it connected, once it is gone for good', async () => {
  const { core, unmount } = open(<Status />)
  unmount()
  expect(core.of('close')).toHaveLength(0)
  await settle()
  expect(core.of('close')).toHaveLength(1)
})

test('a client that the application connected is not closed by the provider', async () => {
  const client = createFake()
  client.connect()
  const { unmount } = render(<TautlineProvider client={client} />)
  unmount()
  await settle()
  expect(FakeCore.last.of('close')).toHaveLength(0)
})

test('two providers of one client connect it once, and the last one closes it', async () => {
  const client = createFake()
  const page = render(
    <>
      <TautlineProvider key="a" client={client} />
      <TautlineProvider key="b" client={client} />
    </>,
  )
  page.rerender(<TautlineProvider key="b" client={client} />)
  await settle()
  expect(FakeCore.last.of('close')).toHaveLength(0)
  page.unmount()
  await settle()
  expect(FakeCore.last.of('connect')).toHaveLength(1)
  expect(FakeCore.last.of('close')).toHaveLength(1)
})

test('`connect` says whether to be connected', async () => {
  const client = createFake()
  const page = render(<TautlineProvider client={client} connect={false} />)
  expect(client.state.status).toBe('idle')
  page.rerender(<TautlineProvider client={client} connect />)
  expect(client.state.status).toBe('connecting')
  page.rerender(<TautlineProvider client={client} connect={false} />)
  await settle()
  expect(client.state.status).toBe('closed')
})

test('another client takes the place of the first, and every hook follows', async () => {
  const first = createFake()
  const second = createFake()
  const page = render(<TautlineProvider client={first}><Status /></TautlineProvider>)
  act(() => welcome(FakeCore.last))
  screen.getByText('connected')
  page.rerender(<TautlineProvider client={second}><Status /></TautlineProvider>)
  screen.getByText('connecting')
  await settle()
  expect(first.state.status).toBe('closed')
})

test('useWebSocketConnected renders only when the answer changes', () => {
  let renders = 0
  function Connected() {
    renders++
    return <p>{String(useWebSocketConnected())}</p>
  }
  const { core } = open(<Connected />)
  screen.getByText('true')
  const before = renders
  act(() => core.state(3, 25, 100))
  screen.getByText('false')
  const after = renders
  act(() => core.state(3, 25, 200))
  expect(after).toBeGreaterThan(before)
  expect(renders).toBe(after)
})

test('useWebSocketSend gives the same function with every render, and it sends', () => {
  const given = new Set<unknown>()
  let again = (): void => {}
  function Sender() {
    const send = useWebSocketSend()
    const [, set] = useState(0)
    again = () => set((n) => n + 1)
    given.add(send)
    return <button onClick={() => send('message', { text: 'hi' }, { channel: 'room' })}>send</button>
  }
  const { core } = open(<Sender />)
  // StrictMode's second render of a mount remembers nothing.
  given.clear()
  act(() => again())
  act(() => again())
  act(() => screen.getByText('send').click())
  expect(given.size).toBe(1)
  expect(core.of('publish')).toEqual([[1, '"message"', '{"text":"hi"}', 13, 0]])
})

test('useWebSocketContext tells the state and connects', () => {
  let context: ReturnType<typeof useWebSocketContext> | undefined
  function Reader() {
    context = useWebSocketContext()
    return null
  }
  const { core, client } = open(<Reader />)
  expect(context).toMatchObject({ client, status: 'connected', isConnected: true, error: undefined })
  act(() => context?.disconnect())
  expect(context).toMatchObject({ status: 'closed', isConnected: false })
  act(() => context?.connect())
  expect(core.of('connect')).toHaveLength(2)
})

test('a hook outside of every provider says so', () => {
  expect(crash(<Status />)).toMatchObject({ code: 'misuse/no-provider', message: expect.stringContaining('<TautlineProvider> above. [') })
})

test('a hook of another copy of the package names the copies', async () => {
  const copy = (await import('../../src/react/context.ts?copy' as string)) as typeof import('../../src/react/context.ts')
  function Stranger() {
    copy.useTautline()
    return null
  }
  render(<TautlineProvider client={createFake()} />)
  expect(crash(<Stranger />)).toMatchObject({ code: 'misuse/no-provider', message: expect.stringContaining('Another copy of this package has one: see `npm ls tautline`') })
})

test('two copies of React are named, and what shows both', () => {
  vi.mocked(console.error).mockImplementation(() => {})
  // A hook of another React than the one that renders has nothing to hold on to, as one outside of every rendering.
  for (const call of [() => useTautline(), () => TautlineProvider({ url: '/ws' }), () => useWebSocket()]) {
    expect(call).toThrow('two copies of React: see `npm ls react`. [misuse/unsupported]')
  }
  vi.mocked(console.error).mockReset()
})

test('a tree that suspends keeps the connection', async () => {
  let resume = (): void => {}
  const waiting = new Promise<void>((resolve) => (resume = resolve))
  let done = false
  function Slow() {
    useTautline()
    if (!done) throw waiting
    return <p>there</p>
  }
  const { core } = open(
    <Suspense fallback={<p>wait</p>}>
      <Slow />
    </Suspense>,
  )
  screen.getByText('wait')
  await act(async () => {
    done = true
    resume()
    await waiting
  })
  await screen.findByText('there')
  expect(core.of('connect')).toHaveLength(1)
  expect(core.of('close')).toHaveLength(0)
})

test('StrictMode makes one client of options, and destroys it at the end', async () => {
  const page = render(
    <StrictMode>
      <TautlineProvider url="ws://localhost/" connect={false}><Status /></TautlineProvider>
    </StrictMode>,
  )
  await settle()
  screen.getByText('idle')
  page.unmount()
})
