/** The examples of docs/react, run as an application runs them, against the fake server and a clock. */
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import * as react from 'react'
import { type ComponentType, StrictMode } from 'react'
import * as jsx from 'react/jsx-runtime'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { EventMap } from '../../src/events.ts'
import * as hooks from '../../src/react/index.ts'
import { createClock, createFakeServer, type FakeServer, type VirtualClock } from '../../src/testing/index.ts'
import { examplesOf, hookPages, run } from '../examples.ts'

const modules = { react, 'react/jsx-runtime': jsx, 'tautline/react': hooks }

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

/** The one component of a page, which needs no properties. */
function componentOf(page: string): ComponentType {
  const [component, ...others] = examplesOf(page).flatMap((example) => Object.values(run(example, modules)))
  expect(others).toEqual([])
  return component as ComponentType
}

const hookOf = (page: string): string => page.replace(/^.*\/|\.md$/g, '')

test('every hook has a page with an example, and what that does is looked at', () => {
  const exported = Object.keys(hooks).filter((name) => name.startsWith('use')).sort()
  expect(hookPages.map(hookOf).sort()).toEqual(exported)
  expect(Object.keys(effects).sort()).toEqual(exported)
})

test.each(hookPages)('the component of %s does what the page says', async (page) => {
  const Example = componentOf(page)
  render(
    <StrictMode>
      <hooks.TautlineProvider url="ws://127.0.0.1:7700/ws">
        <Example />
      </hooks.TautlineProvider>
    </StrictMode>,
  )
  await effects[hookOf(page)]?.()
})
