import { act, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import * as core from '../../../src/core.ts'
// Here at once: how long a download takes is not what is tested.
import '../../../src/react/ui/inspector/panel.tsx'
import { TautlineInspector } from '../../../src/react/ui/index.ts'
import type { FakeCore } from '../../fake-core.ts'
import { advance, open, type Page, settle } from '../bench.tsx'

const TOKEN = 'k7Gh2Lp9Qw4Zx1Vb8Nm3Rt6Y'

/** As much of a socket as the inspector sees. */
class FakeSocket extends EventTarget {
  readonly url = `wss://example.com/ws?token=${TOKEN}`
  readyState = 1
  bufferedAmount = 0
  readonly sent: unknown[] = []
  send(data: unknown): void {
    this.sent.push(data)
  }
  hear(data: unknown): void {
    this.dispatchEvent(new MessageEvent('message', { data }))
  }
}

/** The core opens a socket. */
function connect(fake: FakeCore): FakeSocket {
  const socket = new FakeSocket()
  fake.host.socket = socket as unknown as WebSocket
  return socket
}

async function inspect(): Promise<Page & { socket: FakeSocket; panel: HTMLElement }> {
  const page = open(<TautlineInspector />)
  const socket = connect(page.core)
  fireEvent.click(screen.getByRole('button', { name: 'Tautline inspector' }))
  const panel = await screen.findByRole('dialog', { name: 'Tautline inspector' })
  return Object.assign(page, { socket, panel })
}

const button = (name: string): HTMLElement => screen.getByRole('button', { name })
const report = async (): Promise<string> => {
  fireEvent.click(button('Copy as a bug report'))
  await settle()
  return (document.querySelector('textarea') as HTMLTextAreaElement).value
}
/** Lets the recorder show what it has. */
const shown = (check: () => void): Promise<void> => waitFor(check)

afterEach(() => {
  vi.unstubAllGlobals()
})

test('it opens by its button, takes the focus, and gives it back when Escape closes it', async () => {
  const { panel } = await inspect()
  expect(button('Tautline inspector').getAttribute('aria-expanded')).toBe('true')
  expect(panel.contains(document.activeElement)).toBe(true)
  fireEvent.keyDown(document.activeElement as Element, { key: 'Escape' })
  expect(screen.queryByRole('dialog')).toBeNull()
  expect(document.activeElement).toBe(button('Tautline inspector'))
  expect(button('Tautline inspector').getAttribute('aria-expanded')).toBe('false')
})

test('until it is opened it touches no socket, and closed it lets go of it', async () => {
  const page = open(<TautlineInspector />)
  const socket = connect(page.core)
  const own = socket.send
  await settle()
  expect(socket.send).toBe(own)
  fireEvent.click(button('Tautline inspector'))
  await screen.findByRole('dialog')
  await settle()
  expect(socket.send).not.toBe(own)
  page.unmount()
  await settle()
  expect(socket.send).toBe(own)
})

test('it shows frames both ways as they go, with their sizes, and does not hold them up', async () => {
  const { socket, core: fake } = await inspect()
  socket.send('{"type":"ping"}')
  socket.hear('{"type":"pong"}')
  expect(socket.sent).toEqual(['{"type":"ping"}'])
  const next = connect(fake)
  next.send(new Uint8Array(7))
  next.send('nonsense')
  await shown(() => {
    const rows = within(screen.getByRole('group', { name: 'List of frames' })).getAllByRole('row').slice(1)
    expect(rows.map((row) => [...row.children].slice(1).map((cell) => cell.firstElementChild?.firstElementChild?.textContent ?? cell.textContent))).toEqual([
      ['out', 'unreadable', '8'],
      ['out', 'bytes', '7 bytes'],
      ['in', 'pong', '15'],
      ['out', 'ping', '15'],
    ])
  })
  // The old one is its own again.
  socket.send('later')
  expect(socket.sent).toEqual(['{"type":"ping"}', 'later'])
})

test('it shows the state, what an attempt waits for, heartbeats, losses and events', async () => {
  const { panel, core: fake, socket } = await inspect()
  fake.snapshot = [3, 2_500, 4, 90, ...fake.snapshot.slice(4), 25, 2]
  socket.readyState = 0
  act(() => {
    fake.tell(core.LATENCY, 12)
    fake.tell(core.LATENCY, 30.04)
    fake.tell(core.TOKEN, 60_000)
    fake.tell(core.PROBLEM, 0, 8)
    fake.state(3, 25)
  })
  await shown(() => {
    const text = panel.textContent ?? ''
    for (const part of ['reconnecting, for', 'in 2.5 s', '3 since the last stable', '4 messages, 90 bytes', 'lost/network2', 'token accepted', 'problem peer/bad-frame']) {
      expect(text).toContain(part)
    }
    expect(text).toContain('Waits forsocket')
    within(panel).getByRole('img', { name: /the present one is reconnecting/ })
    within(panel).getByRole('img', { name: /Now 30 ms, at most 30 ms, of 2/ })
  })
})

test('its buttons disconnect, connect and try now', async () => {
  const { core: fake } = await inspect()
  fireEvent.click(button('Disconnect'))
  await shown(() => void button('Connect'))
  fireEvent.click(button('Connect'))
  act(() => fake.state(3, 25))
  await shown(() => expect(button('Try now')).toHaveProperty('disabled', false))
  fireEvent.click(button('Try now'))
  expect([fake.of('close'), fake.of('connect'), fake.of('retry')].map((calls) => calls.length)).toEqual([1, 2, 1])
})

test('paused it stands still, and goes on from the present', async () => {
  const { socket, panel } = await inspect()
  vi.useFakeTimers()
  fireEvent.click(button('Pause'))
  socket.hear('{"type":"pong"}')
  await advance(60)
  vi.useRealTimers()
  expect(panel.textContent).toContain('No frame was sent')
  fireEvent.click(button('Pause'))
  await shown(() => expect(panel.textContent).toContain('The last 1 of 1'))
})

test('a bug report has states, numbers and kinds of frames, and no secret, no content and no name', async () => {
  const written: string[] = []
  vi.stubGlobal('navigator', { userAgent: 'a browser', clipboard: { writeText: async (text: string) => void written.push(text) } })
  const { socket, core: fake, client } = await inspect()
  client.channel('private:ada').subscribe()
  act(() => {
    socket.send(JSON.stringify({ type: 'hello', session: 'abcabcabcabcabcabc', token: TOKEN }))
    socket.hear(JSON.stringify({ type: 'message', event: 'note', channel: 'private:ada', payload: 'Meet me' }))
    socket.hear(`plain ${TOKEN}`)
    fake.tell(core.SUBSCRIBED, 1, 1, 0, ['"e"', 0])
    fake.tell(core.PROBLEM, 1, 12, 0, { message: `bad token ${TOKEN}` })
  })
  await shown(() => expect(screen.getByRole('dialog').textContent).toContain('The last 3 of 3'))
  const text = await report()
  expect(written).toEqual([text])
  for (const part of ['## Tautline report', 'address: wss://example.com/ws?token=[redacted]', 'connected', 'out hello', 'in message note', 'channel 1', 'version: 0.1.0']) {
    expect(text).toContain(part)
  }
  for (const secret of [TOKEN, 'abcabc', 'Meet me', 'private:ada']) expect(text).not.toContain(secret)
  expect(screen.getByRole('dialog').innerHTML).not.toContain(TOKEN)
  expect(screen.getByText('Copied. Read it before you hand it on.').getAttribute('role')).toBe('status')
})

test('where nothing may be copied, the report stands there to be copied by hand', async () => {
  await inspect()
  expect(await report()).toContain('## Tautline report')
  screen.getByText('Copy it from here.')
})

test('it goes on with what it saw when it is opened again', async () => {
  const { socket } = await inspect()
  socket.hear('{"type":"pong"}')
  await shown(() => expect(screen.getByRole('dialog').textContent).toContain('The last 1 of 1'))
  fireEvent.click(button('Close'))
  await settle()
  fireEvent.click(button('Tautline inspector'))
  expect((await screen.findByRole('dialog')).textContent).toContain('The last 1 of 1')
})
