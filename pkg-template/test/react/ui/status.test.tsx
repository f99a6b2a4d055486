import { act, fireEvent, screen } from '@testing-library/react'
import { beforeEach, expect, test, vi } from 'vitest'
import { ConnectionStatus } from '../../../src/react/ui/index.ts'
import { open, settle } from '../bench.tsx'

beforeEach(() => {
  vi.useFakeTimers()
})
const pass = (ms: number): void => {
  for (let passed = 0; passed < ms; passed += 100) act(() => vi.advanceTimersByTime(100))
}
const shown = (): string | undefined => document.querySelector('[data-part=text]')?.textContent ?? undefined
const said = (): string | null => screen.getByRole('status').textContent

test('it shows the status in words, and to stylesheets', async () => {
  const { core } = open(<ConnectionStatus className="mine" id="line" />)
  const element = document.querySelector('#line.mine[data-tautline=connection-status]')
  expect([shown(), element?.getAttribute('data-status')]).toEqual(['Connected', 'connected'])
  act(() => core.state(3, 25, 4_000))
  await settle()
  expect([shown(), element?.getAttribute('data-status')]).toEqual(['Offline, next try in 4 s', 'reconnecting'])
  pass(2_500)
  expect(shown()).toBe('Offline, next try in 2 s')
  pass(2_000)
  expect(shown()).toBe('Reconnecting…')
  act(() => core.state(5, 13))
  expect(shown()).toBe('Connection failed')
})

test('screen readers hear of what lasts, once, and not of what a page begins with', () => {
  const { core } = open(<ConnectionStatus />)
  pass(5_000)
  expect(said()).toBe('')
  act(() => core.state(3, 25, 600))
  pass(500)
  act(() => core.state(2))
  pass(5_000)
  expect(said()).toBe('')
  act(() => core.state(3, 25, 9_000))
  pass(1_500)
  expect(said()).toBe('Reconnecting…')
  // Counting down is not news.
  pass(2_000)
  expect([said(), shown()]).toEqual(['Reconnecting…', 'Offline, next try in 6 s'])
  pass(5_000)
  expect(said()).toBe('')
  act(() => core.state(2))
  pass(1_500)
  expect(said()).toBe('Connected')
})

test('screen readers hear of a first connection that fails, and of one that is opened again', () => {
  const { client, core } = open(<ConnectionStatus />)
  act(() => client.close())
  pass(1_500)
  expect(said()).toBe('Disconnected')
  act(() => client.connect())
  pass(3_000)
  expect([said(), shown()]).toEqual(['Disconnected', 'Connecting…'])
  act(() => core.state(3, 25, 0))
  pass(1_500)
  expect(said()).toBe('Reconnecting…')
})

test('a page that shows it twice can be silent with one of them', () => {
  open(<ConnectionStatus announce={false} />)
  expect(screen.queryByRole('status')).toBeNull()
})

test('the words are the application\'s, where it has its own', () => {
  const { core } = open(<ConnectionStatus text={(status, seconds) => `${status}/${seconds}`} />)
  expect(shown()).toBe('connected/0')
  act(() => core.state(3, 25, 2_000))
  pass(1_000)
  expect(shown()).toBe('reconnecting/1')
  expect(said()).toBe('reconnecting/0')
})

test('the button tries again now, is there only while there is something to try, and only if it has words', () => {
  const page = open(<ConnectionStatus retry="Try now" />)
  expect(screen.queryByRole('button')).toBeNull()
  act(() => page.core.state(3, 25, 30_000))
  fireEvent.click(screen.getByRole('button', { name: 'Try now' }))
  expect(page.core.of('retry')).toHaveLength(1)
  act(() => page.core.state(5, 13))
  fireEvent.click(screen.getByRole('button', { name: 'Try now' }))
  expect(page.core.of('connect')).toHaveLength(2)
  act(() => page.core.state(3, 25, 30_000))
  page.show(<ConnectionStatus />)
  expect(screen.queryByRole('button')).toBeNull()
})

test('nothing runs on when it is gone', async () => {
  const page = open(<ConnectionStatus retry="Try now" />)
  act(() => page.core.state(3, 25, 30_000))
  pass(2_000)
  page.unmount()
  await settle()
  expect(vi.getTimerCount()).toBe(0)
})
