/** The components of the docs, run as an application runs them, against the fake server and a clock. */
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import * as react from 'react'
import { type ComponentType, StrictMode } from 'react'
import * as jsx from 'react/jsx-runtime'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import * as compat from '../../src/compat/index.ts'
import type { EventMap } from '../../src/events.ts'
import * as hooks from '../../src/react/index.ts'
import * as ui from '../../src/react/ui/index.ts'
import * as likeThem from '../../src/react/websocket/index.ts'
import { createClock, createFakeServer, type FakeServer, type VirtualClock } from '../../src/testing/index.ts'
import { type Example, examplesOf, hookPages, run } from '../examples.ts'

const modules = {
  react,
  'react/jsx-runtime': jsx,
  'tautline/compat': compat,
  'tautline/react': hooks,
  'tautline/react/ui': ui,
  'tautline/react/websocket': likeThem,
}

let server: FakeServer<EventMap>
let clock: VirtualClock
beforeEach(() => {
  clock = createClock()
  server = createFakeServer<EventMap>()
})
afterEach(async () => {
  cleanup()
  await pass(1_000)
  const left = { connections: server.connections.length, timers: clock.timers }
  server.close()
  clock.restore()
  expect(left, 'a component that is gone leaves nothing behind').toEqual({ connections: 0, timers: 0 })
})

/** Lets time pass, and first what has to be downloaded come. */
async function pass(ms: number): Promise<void> {
  await act(async () => {
    await vi.dynamicImportSettled()
    await clock.advance(ms)
  })
}

/** Waits for a text on the page, for as long as a user would. */
async function see(text: RegExp): Promise<void> {
  const shown = (): string => document.body.textContent ?? ''
  for (let turn = 0; turn < 300 && !text.test(shown()); turn++) await pass(100)
  expect(shown()).toMatch(text)
}

const press = (name: string | RegExp): boolean => fireEvent.click(screen.getByRole('button', { name }))
const write = (value: string): boolean => fireEvent.change(screen.getByRole('textbox'), { target: { value } })
const BOB = { id: 'bob', name: 'Bob' }

/** What a reader of the page sees when they try it. */
const effects: Readonly<Record<string, () => Promise<void>>> = {
  async useConnectionState() {
    await see(/^connected/)
    server.down()
    await see(/^reconnecting .*\[lost/)
    server.up()
    press('Try now')
    await see(/^connected $/)
  },

  async useWebSocketConnected() {
    await see(/online/)
    server.down()
    await see(/offline/)
  },

  async useWebSocketContext() {
    await see(/^connected/)
    press('Leave')
    await see(/^closed/)
    press('Wave')
    press('Join')
    await see(/^connected/)
    expect(server.messages('lobby')).toMatchObject([{ event: 'wave', payload: { hand: 'left' } }])
  },

  async useTautline() {
    await pass(0)
    server.publish('lobby', 'message', { text: 'hi' })
    press('What was said?')
    await see(/1: message/)
    server.connections[0]?.send('nonsense')
    await see(/\[peer\/bad-frame\]/)
  },

  async useWebSocket() {
    await see(/^connected, 0 prices, the last of them null/)
    expect(server.connections, 'beside that of the provider').toHaveLength(2)
    press('New price')
    await see(/1 prices, the last of them {"ACME":0/)
    server.publish('prices', 'price', { ACME: 42 })
    await see(/2 prices, the last of them {"ACME":42}/)
  },

  async useStats() {
    await see(/not measured yetReceived0 messagesWaiting0 messages/)
    await see(/(poor|fair|good|excellent), \d+ ms/)
  },

  async useRealtimeChannel() {
    await see(/live$/)
    press('Hello')
    await see(/^HelloHelloClear/)
    server.gap('room:1', 2)
    await see(/^Hello\(2 messages are missing\)Hello/)
    press('Clear')
    await see(/^HelloClearlive$/)
  },

  async useWebSocketMessage() {
    press('Pay order 7')
    await see(/ORDER_PAID 7$/)
    server.publish('orders', 'ORDER_SENT', { order: 8 })
    await see(/ORDER_SENT 8ORDER_PAID 7$/)
  },

  async useWebSocketSend() {
    server.down()
    press(/Like/)
    await see(/queued/)
    server.up()
    await see(/acked/)
    expect(server.messages('post:7')).toMatchObject([{ event: 'like', payload: { post: 7 } }])
  },

  async useRealtimePresence() {
    await see(/^1 hereGuest \d+ \(online\), me/)
    server.join('lobby', { state: BOB })
    await see(/^2 here.*Bob \(online\)/)
    press('I am busy')
    await see(/\(busy\), me/)
    press('I have time')
    await see(/\(online\), me/)
    await pass(300_000)
    await see(/\(away\), me/)
  },

  async useRealtimeTyping() {
    await pass(100)
    const bob = server.join('lobby', { state: BOB })
    bob.typing()
    await see(/^Bob typing…/)
    await pass(6_000)
    await see(/^$/)
    write('H')
    await pass(0)
    expect(server.signals('lobby').map(({ event, from }) => [event, from === bob.id])).toEqual([['$typing', true], ['$typing', false]])
  },

  async useRealtimeSync() {
    vi.spyOn(console, 'info').mockImplementation(() => {})
    await pass(100)
    await see(/^ Open a second window/)
    press('Add')
    await see(/ Thing 2.*Add$/)
    server.join('todos').send('todo:insert', { id: 'x', text: 'Theirs', done: false })
    await see(/ Theirs/)
    expect(console.info).toHaveBeenCalledWith('Somebody added Theirs')
    press('Delete Theirs')
    await see(/Delete Thing 2Add$/)
    expect(server.messages('todos').map(({ event }) => event)).toEqual(['todo:insert', 'todo:insert', 'todo:delete'])
  },

  async useRealtimeChat() {
    await see(/^1 here/)
    const bob = server.join('lobby', { state: BOB })
    await see(/^2 here\. Bob join/)
    bob.send('message', { id: '1', text: 'hi', user: BOB })
    await see(/^Bob: hi/)
    write('Hello')
    fireEvent.keyDown(screen.getByRole('textbox'), { key: 'Enter' })
    await see(/Guest \d+: Hello sent/)
    bob.update({ ...BOB, epoch: 'epoch-1', delivered: 2, read: 2 })
    await see(/Guest \d+: Hello read/)
  },

  async useNotifications() {
    await pass(100)
    press('Notify me')
    await see(/1 newTea at .*Tea at/)
    press('1 new')
    await see(/0 new/)
    press(/Dismiss/)
    await see(/0 newTea at [^×]*$/)
  },
}

/** A page of an application, with what an example exports under this name, or its only component. */
function show(example: Example | undefined, name?: string, props?: object): void {
  if (!example) throw new Error('There is no such example.')
  const exported = run(example, modules)
  const Component = (name ? exported[name] : Object.values(exported)[0]) as ComponentType<object>
  render(
    <StrictMode>
      <hooks.TautlineProvider url="ws://127.0.0.1:7700/ws">
        <Component {...props} />
      </hooks.TautlineProvider>
    </StrictMode>,
  )
}

const hookOf = (page: string): string => page.replace(/^.*\/|\.md$/g, '')

test('every hook has a page, and what its example does is looked at', () => {
  const exported = Object.keys(hooks).filter((name) => name.startsWith('use')).sort()
  expect(hookPages.map(hookOf).sort()).toEqual(exported)
  expect(Object.keys(effects).sort()).toEqual(exported)
})

test.each(hookPages)('the component of %s does what the page says', async (page) => {
  show(examplesOf(page)[0])
  await effects[hookOf(page)]?.()
})

test.each([
  ['README.md', 'App', {}, /Hello$/],
  ['docs/getting-started/next.md', 'Chat', { user: BOB }, /^connected/],
  ['docs/getting-started/vite.md', 'Chat', {}, /^connected, 1 here/],
  ['docs/migration/hand-written.md', 'Light', {}, /^connected$/],
  ['docs/migration/partysocket.md', 'Lobby', { url: 'ws://lobby.test/' }, /^0 heard/],
  ['docs/migration/react-use-websocket.md', 'Chat', {}, /^Hello$/],
  ['docs/migration/socket.io-client-and-context.md', 'Room', { id: '1' }, /^Hello$/],
  ['docs/react/ui.md', 'Sidebar', {}, /^Connected/],
  ['docs/react/ui.md', 'Orders', {}, /^Orders /],
  ['docs/react/ui.md', 'Footer', {}, /^Excellent, 0 ms$/],
  ['docs/react/ui.md', 'Composer', {}, /^$/],
  ['docs/react/ui.md', 'Typing', {}, /^$/],
  ['docs/react/ui.md', 'People', {}, /^A/],
  ['docs/react/ui.md', 'Tools', { show: true }, /Tautline/],
  ['docs/react/ui.md', 'Status', {}, /^Verbunden/],
])('of %s, %s is shown', async (page, name, props, text) => {
  show(examplesOf(page).find(({ code }) => code.includes(`export function ${name}(`) || code.includes(`export const ${name} `)), name, props)
  await see(text)
})

test('docs/react/websocket.md shows the price that the server says', async () => {
  show(examplesOf('docs/react/websocket.md')[0])
  await pass(100)
  const prices = server.connections.find(({ url }) => url.includes('prices'))
  expect(prices?.received).toEqual(['{"subscribe":"ACME"}'])
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  prices?.send('{"symbol":"ACME","value":42}')
  await see(/^42$/)
  expect(log).toHaveBeenCalledOnce()
})
