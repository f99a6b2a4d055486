import { act, fireEvent, render, screen } from '@testing-library/react'
import { renderToString } from 'react-dom/server'
import { beforeEach, expect, test, vi } from 'vitest'
import { TautlineProvider, useRealtimeChannel } from '../../../src/react/index.ts'
import {
  ConnectionQuality,
  ConnectionStatus,
  PresenceAvatars,
  QueueIndicator,
  RealtimeIndicator,
  TypingIndicator,
} from '../../../src/react/ui/index.ts'
import * as core from '../../../src/core.ts'
import { createFake } from '../../fake-core.ts'
import { open, settle, subscribe } from '../bench.tsx'

beforeEach(() => {
  vi.useFakeTimers()
})
const pass = (ms: number): void => {
  for (let passed = 0; passed < ms; passed += 100) act(() => vi.advanceTimersByTime(100))
}
const part = (name: string): HTMLElement => document.querySelector(`[data-tautline=${name}]`) as HTMLElement
const words = (name: string): string | undefined => part(name).querySelector('[data-part=text]')?.textContent ?? undefined

test('RealtimeIndicator is live with the connection, waits while it comes back, and is off when it does not', () => {
  const { core } = open(<RealtimeIndicator />)
  expect([part('realtime-indicator').dataset['live'], words('realtime-indicator')]).toEqual(['live', 'Live'])
  act(() => core.state(3, 25))
  expect(part('realtime-indicator').dataset['live']).toBe('waiting')
  act(() => core.state(4))
  expect([part('realtime-indicator').dataset['live'], words('realtime-indicator')]).toEqual(['off', 'Not live'])
})

test('RealtimeIndicator of a channel is live when that is subscribed, and does not subscribe by itself', async () => {
  function Room() {
    useRealtimeChannel({ channel: 'room' })
    return null
  }
  const page = open(<RealtimeIndicator channel="room" text={(live) => live.toUpperCase()} />)
  await settle()
  expect(words('realtime-indicator')).toBe('OFF')
  expect(page.core.of('subscribe')).toEqual([])
  page.show(<><RealtimeIndicator channel="room" text={(live) => live.toUpperCase()} /><Room /></>)
  expect(words('realtime-indicator')).toBe('WAITING')
  act(() => subscribe(page.core))
  expect(words('realtime-indicator')).toBe('LIVE')
  act(() => page.core.state(3, 25))
  expect(words('realtime-indicator')).toBe('WAITING')
})

test('RealtimeIndicator of a refused channel is off', () => {
  function Room() {
    useRealtimeChannel({ channel: 'room' })
    return null
  }
  const page = open(<><RealtimeIndicator channel="room" /><Room /></>)
  act(() => page.core.tell(core.SUBSCRIBE_FAILED, 1, 15))
  expect(part('realtime-indicator').dataset['live']).toBe('off')
})

test('ConnectionQuality is a meter whose value is also words', () => {
  const { core: fake } = open(<ConnectionQuality />)
  const meter = screen.getByRole('meter', { name: 'Connection quality' })
  expect([meter.getAttribute('aria-valuenow'), meter.getAttribute('aria-valuetext')]).toEqual(['0', 'Not measured'])
  fake.snapshot = fake.snapshot.map((number, place) => (place === 17 ? 3 : place === 20 ? 41.7 : place >= 18 ? 50 : number))
  act(() => fake.tell(core.LATENCY, 41.7))
  expect([meter.getAttribute('aria-valuenow'), meter.getAttribute('aria-valuetext')]).toEqual(['3', 'Good, 42 ms'])
  expect(words('connection-quality')).toBe('Good, 42 ms')
  expect(meter.querySelectorAll('[data-on]')).toHaveLength(3)
})

test('QueueIndicator shows what waits while there is no connection, at once, and says so once', () => {
  const { core: fake } = open(<QueueIndicator />)
  const queue = (size: number): void => {
    fake.snapshot = fake.snapshot.map((number, place) => (place === 2 ? size : number))
  }
  expect(part('queue-indicator').hidden).toBe(true)
  act(() => fake.state(3, 25))
  queue(1)
  pass(500)
  expect([part('queue-indicator').hidden, part('queue-indicator').textContent]).toEqual([false, '1 message waits to be sent'])
  queue(3)
  pass(1_000)
  expect(part('queue-indicator').textContent).toBe('3 messages wait to be sent')
  expect(screen.getByRole('status').textContent).toBe('3 messages wait to be sent')
  queue(9)
  pass(2_000)
  expect(screen.getByRole('status').textContent).toBe('3 messages wait to be sent')
  queue(0)
  pass(2_000)
  expect(part('queue-indicator').hidden).toBe(true)
  expect(screen.getByRole('status').textContent).toBe('Nothing waits to be sent')
})

test('QueueIndicator does not flicker with messages that are acknowledged at once', () => {
  const { core: fake } = open(<QueueIndicator />)
  const queue = (size: number): void => {
    fake.snapshot = fake.snapshot.map((number, place) => (place === 2 ? size : number))
  }
  const seen: boolean[] = []
  for (let turn = 0; turn < 6; turn++) {
    queue(turn % 2)
    pass(500)
    seen.push(part('queue-indicator').hidden === true)
  }
  expect(seen).toEqual(Array(6).fill(true))
  queue(2)
  pass(1_000)
  expect(part('queue-indicator').hidden).toBe(false)
})

test('TypingIndicator names one, two, three and more', () => {
  const names = ['Ada', 'Bob', 'Cem', 'Dia', 'Eve'].map((name) => ({ id: name, name }))
  const said = [0, 1, 2, 3, 5].map((count) => {
    const page = render(<TypingIndicator users={names.slice(0, count)} />)
    const text = words('typing-indicator')
    page.unmount()
    return text
  })
  expect(said).toEqual([
    '',
    'Ada is typing…',
    'Ada and Bob are typing…',
    'Ada, Bob and Cem are typing…',
    'Ada, Bob and 3 others are typing…',
  ])
  render(<TypingIndicator users={[{ id: 'm1' }]} />)
  expect(words('typing-indicator')).toBe('Someone is typing…')
})

test('TypingIndicator is said when somebody begins, and not again with every pause', () => {
  const ada = [{ id: 'ada', name: 'Ada' }]
  const page = render(<TypingIndicator users={[]} />)
  const show = (users: typeof ada, ms: number): string | null => {
    page.rerender(<TypingIndicator users={users} />)
    pass(ms)
    return screen.getByRole('status').textContent
  }
  expect(show(ada, 1_500)).toBe('Ada is typing…')
  expect(show([], 6_000)).toBe('')
  expect(show(ada, 3_000)).toBe('')
  expect(show(ada, 10_000)).toBe('Ada is typing…')
})

test('PresenceAvatars is a list of people with their names, whom a number ends', () => {
  const users = ['Ada Lovelace', 'bob', 'Çem', 'Dia', 'Eve', 'Fay', 'Gus'].map((name, index) => ({
    id: `u${index}`,
    name,
    status: index === 1 ? ('away' as const) : ('online' as const),
    self: index === 0,
  }))
  const page = render(<PresenceAvatars users={users} max={3} />)
  expect(screen.getByRole('list', { name: '7 people are here' }).children).toHaveLength(4)
  expect(screen.getAllByRole('img').map((image) => [image.getAttribute('aria-label'), image.textContent])).toEqual([
    ['Ada Lovelace (you)', 'AL'],
    ['bob (away)', 'B'],
    ['Çem', 'Ç'],
    ['4 more: Dia, Eve, Fay, Gus', '+4'],
  ])
  // A number instead of one person would take as much room as that person.
  page.rerender(<PresenceAvatars users={users.slice(0, 4)} max={3} />)
  expect(screen.getAllByRole('img')).toHaveLength(4)
  page.rerender(<PresenceAvatars users={[]} />)
  screen.getByRole('list', { name: 'Nobody is here' })
})

test('PresenceAvatars shows no picture from an address that is none, and letters where one is broken', () => {
  const pictures = ['javascript:alert(1)', 'data:text/html,x', '//elsewhere.example/a.png', 'https://example.com/a.png']
  render(<PresenceAvatars users={pictures.map((avatar, index) => ({ id: `${index}`, name: `N${index}`, avatar }))} />)
  const shown = [...document.querySelectorAll('img')]
  expect(shown.map((image) => [image.getAttribute('src'), image.getAttribute('referrerpolicy')])).toEqual([['https://example.com/a.png', 'no-referrer']])
  act(() => void fireEvent.error(shown[0] as HTMLImageElement))
  expect(document.querySelectorAll('img')).toHaveLength(0)
  expect(part('presence-avatars').textContent).toBe('NNNN')
})

test('a server renders all of them, without live regions and timers', () => {
  const html = renderToString(
    <TautlineProvider client={createFake()}>
      <ConnectionStatus retry="Try now" />
      <RealtimeIndicator channel="room" />
      <ConnectionQuality />
      <QueueIndicator />
      <TypingIndicator users={[]} />
      <PresenceAvatars users={[{ id: 'ada' }]} />
    </TautlineProvider>,
  )
  expect(html).toContain('data-status="idle"')
  expect(html).not.toContain('role="status"')
  expect(html).not.toContain('style=')
  expect(vi.getTimerCount()).toBe(0)
})

test('what people say of themselves breaks nothing, whatever it is', () => {
  const users = [{ id: 'a', name: { first: 'Ada' }, avatar: 7 }, { id: 'b', name: 'x'.repeat(5_000) }] as never
  render(<><TypingIndicator users={users} /><PresenceAvatars users={users} /></>)
  expect(words('typing-indicator')).toBe(`Someone and ${'x'.repeat(80)}… are typing…`)
  expect(screen.getAllByRole('img').map((image) => image.textContent)).toEqual(['A', 'X'])
})
