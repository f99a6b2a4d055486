import { act, render, screen } from '@testing-library/react'
import { StrictMode, startTransition, useState, useTransition } from 'react'
import { hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { expect, test } from 'vitest'
import { TautlineProvider, useConnectionState, useRealtimeChannel, useRealtimeSync, useWebSocketConnected } from '../../src/react/index.ts'
import { connectFake, createFake, FakeCore } from '../fake-core.ts'
import { open, settle } from './bench.tsx'

function Page() {
  const { status } = useConnectionState()
  const connected = useWebSocketConnected()
  const { isSubscribed } = useRealtimeChannel({ channel: 'room' })
  const { data } = useRealtimeSync({ channel: 'room', resource: 'todo', initialData: TODOS })
  return <p>{[status, connected, isSubscribed, data.length].join(' ')}</p>
}
const TODOS = [{ id: 1 }]

test('a page hydrates without a warning, also when its client was connected before', async () => {
  const { client, core } = connectFake()
  core.tell(3, 1, 2, 0, ['"e"', 0])
  const tree = <StrictMode><TautlineProvider client={client}><Page /></TautlineProvider></StrictMode>
  const server = <StrictMode><TautlineProvider client={createFake()}><Page /></TautlineProvider></StrictMode>
  const container = document.createElement('div')
  document.body.append(container)
  container.innerHTML = renderToString(server)
  expect(container.textContent).toBe('idle false false 1')
  const root = await act(async () => hydrateRoot(container, tree))
  await settle()
  screen.getByText(/^connected true/)
  act(() => root.unmount())
  container.remove()
})

test('a rendering that is thrown away and begun again joins once', async () => {
  let open_ = (_: string): void => {}
  function Rooms() {
    const [room, set] = useState('a')
    const [pending, start] = useTransition()
    open_ = (next) => start(() => set(next))
    useRealtimeChannel({ channel: room, events: { message: () => {} } })
    return <p>{`${room} ${pending}`}</p>
  }
  const { core } = open(<Rooms />)
  await act(async () => {
    open_('b')
    open_('c')
    startTransition(() => {})
    core.deliver(1, 'message', 1)
  })
  await settle()
  screen.getByText('c false')
  expect(core.of('subscribe')).toEqual([[1, false], [2, false]])
  expect(core.of('unsubscribe')).toEqual([[1]])
})

test('fast refresh, which runs effects again and keeps state, neither connects nor joins again', async () => {
  function Room() {
    useRealtimeChannel({ channel: 'room', events: { message: () => {} } })
    return null
  }
  const client = createFake()
  // What fast refresh does to effects: they end and begin again in one commit, here for lack of the tool by a new key.
  const tree = (key: string) => <TautlineProvider key={key} client={client}><Room key={key} /></TautlineProvider>
  const page = render(tree('a'))
  page.rerender(tree('b'))
  await settle()
  expect(FakeCore.last.of('connect')).toHaveLength(1)
  expect(FakeCore.last.of('close')).toHaveLength(0)
  expect(FakeCore.last.of('subscribe')).toHaveLength(1)
  expect(FakeCore.last.of('unsubscribe')).toHaveLength(0)
})
