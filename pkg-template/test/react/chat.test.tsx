import { act, render } from '@testing-library/react'
import { type ReactElement, StrictMode } from 'react'
import { beforeEach, expect, test, vi } from 'vitest'
import { type Client, TautlineClient } from '../../src/client.ts'
import * as core from '../../src/core.ts'
import { TautlineError } from '../../src/error.ts'
import type { EventMap } from '../../src/events.ts'
import { type RealtimeChat, type RealtimeChatOptions, TautlineProvider, useRealtimeChat } from '../../src/react/index.ts'
import { FakeCore } from '../fake-core.ts'
import { advance, open, type Page, settle, subscribe, welcome } from './bench.tsx'

beforeEach(() => {
  vi.useFakeTimers()
})

const ADA = { id: 'ada', name: 'Ada' }

let chat: RealtimeChat | undefined
function Room({ room = 'room', user = ADA, options }: { readonly room?: string | null; readonly user?: typeof ADA; readonly options?: RealtimeChatOptions | undefined }) {
  chat = useRealtimeChat(room, user, options)
  return null
}

const lines = (): string[] => (chat?.messages ?? []).map(({ text, user, status }) => `${user.id} ${text} ${status}`)

/** A room that is joined and whose history is here. */
async function joined(past: readonly object[] = [], options?: RealtimeChatOptions): Promise<Page> {
  const page = open(<Room options={options} />)
  await settle()
  act(() => subscribe(page.core))
  await answer(page.core, past)
  return page
}

/** Answers the latest question for history. */
async function answer(fake: FakeCore, messages: readonly object[], more = false): Promise<void> {
  await settle()
  expect(fake.of('request').at(-1)?.[1]).toBe('"history"')
  await act(async () => fake.tell(core.REPLY, lastId(fake), 0, 0, { epoch: 'e', messages, more }))
  await frame()
}

/** The fake counts its ids over sends and requests. */
function lastId(fake: FakeCore): number {
  return fake.calls.filter(([name]) => name === 'publish' || name === 'request').length
}

async function frame(): Promise<void> {
  await advance(50)
}

const said = (offset: number, text: string, from = 'b1', user = 'bob'): object => ({
  event: 'message', offset, from, id: offset, time: offset, payload: { id: `x${offset}`, text, user: { id: user, name: user } },
})

async function hear(fake: FakeCore, offset: number, text: string, from = 'b1', user = 'bob'): Promise<void> {
  fake.deliver(1, 'message', { id: `x${offset}`, text, user: { id: user, name: user } }, offset, 0, { from, id: offset, time: offset })
  await frame()
}

async function presence(fake: FakeCore, change: Partial<Record<'joined' | 'updated' | 'left', object[]>>): Promise<void> {
  const { joined = [], updated = [], left = [] } = change
  act(() => fake.tell(core.PRESENCE, 1, 0, 0, [joined, updated, left]))
  await frame()
}
const member = (id: string, state: object): object => ({ id, version: 1, state })

async function send(text: string, fields?: object): Promise<void> {
  await act(async () => void (await chat?.sendMessage(text, fields)))
  await frame()
}

test('history is here after joining, and what comes live stands behind it', async () => {
  const page = await joined([said(1, 'one'), said(2, 'two')])
  await hear(page.core, 3, 'three')
  expect(lines()).toEqual(['bob one read', 'bob two read', 'bob three read'])
  expect(chat?.isLoading).toBe(false)
  expect(page.core.of('subscribe')).toHaveLength(1)
})

test('what comes while history is loading is there once, in its place', async () => {
  const page = open(<Room />)
  await settle()
  act(() => subscribe(page.core))
  await settle()
  await hear(page.core, 3, 'three')
  await answer(page.core, [said(1, 'one'), said(2, 'two'), said(3, 'three')])
  expect(lines().map((line) => line.split(' ')[1])).toEqual(['one', 'two', 'three'])
})

test('a message of mine goes from sending to sent to delivered to read, under one key', async () => {
  const page = await joined()
  await send('hi', { mood: 'good' })
  const key = chat?.messages[0]?.key
  expect(lines()).toEqual(['ada hi sending'])
  const [, event, payload] = page.core.of('publish')[0] as unknown[]
  expect([event, JSON.parse(payload as string)]).toEqual(['"message"', { id: key, text: 'hi', mood: 'good', user: ADA }])
  act(() => page.core.tell(core.ACKED, lastId(page.core), 5, 0, { epoch: 'e', time: 99 }))
  await frame()
  expect(lines()).toEqual(['ada hi sent'])
  // It comes back to its author, and is not there twice.
  page.core.deliver(1, 'message', JSON.parse(payload as string), 5, 0, { from: 'me', id: 2, time: 99 })
  await frame()
  await presence(page.core, { joined: [member('b1', { id: 'bob', epoch: 'e', delivered: 5, read: 4 })] })
  expect(lines()).toEqual(['ada hi delivered'])
  await presence(page.core, { updated: [member('b1', { id: 'bob', epoch: 'e', delivered: 5, read: 5 })] })
  expect(lines()).toEqual(['ada hi read'])
  await presence(page.core, { left: [member('b1', {})] })
  expect(lines()).toEqual(['ada hi read'])
  expect(chat?.messages[0]).toMatchObject({ key, offset: 5, time: 99, own: true })
})

test('marks of another history, and of my own other tab, say nothing', async () => {
  const page = await joined()
  await send('hi')
  act(() => page.core.tell(core.ACKED, lastId(page.core), 5, 0, { epoch: 'e', time: 99 }))
  await presence(page.core, { joined: [member('b1', { id: 'bob', epoch: 'old', delivered: 9, read: 9 }), member('a2', { id: 'ada', epoch: 'e', delivered: 9, read: 9 })] })
  expect(lines()).toEqual(['ada hi sent'])
})

test('a refused message fails visibly, and can be sent again or taken away', async () => {
  const page = await joined()
  await send('a', { mood: 'bad' })
  await send('b')
  act(() => page.core.tell(core.FAILED, 2, 15))
  act(() => page.core.tell(core.FAILED, 3, 15))
  await frame()
  expect(lines()).toEqual(['ada a failed', 'ada b failed'])
  const [first, second] = chat?.messages ?? []
  expect(first?.error?.code).toBe('refused/forbidden')
  await act(async () => void (await chat?.retry(first?.key ?? '')))
  await act(async () => void (await chat?.discard(second?.key ?? '')))
  await frame()
  expect(lines()).toEqual(['ada a sending'])
  expect(JSON.parse(page.core.of('publish').at(-1)?.[2] as string)).toMatchObject({ text: 'a', mood: 'bad' })
})

test('what was read is told once, together with who reads, and no more often than needed', async () => {
  const page = await joined()
  for (let offset = 1; offset <= 30; offset++) {
    act(() => page.core.deliver(1, 'message', { text: 'more' }, offset, 0, { from: 'other', id: offset }))
    await advance(1)
  }
  await advance(150)
  const states = page.core.of('track').map(([, json]) => JSON.parse(json as string))
  expect(states.at(-1)).toEqual({ ...ADA, epoch: 'e', delivered: 30, read: 30 })
  expect(states.length).toBeLessThanOrEqual(3)
})

test('without autoRead messages are unread until markRead', async () => {
  const page = await joined([said(1, 'old')], { autoRead: false })
  await hear(page.core, 2, 'two')
  expect([chat?.unreadCount, lines()]).toEqual([1, ['bob old read', 'bob two delivered']])
  await act(async () => void (await chat?.markRead()))
  await frame()
  expect([chat?.unreadCount, lines()[1]]).toEqual([0, 'bob two read'])
})

test('after a gap the newest history is fetched, and what is missing is put in its place', async () => {
  const page = await joined([said(1, 'one')])
  act(() => page.core.tell(core.GAP, 1, 1, 4))
  await hear(page.core, 4, 'four')
  await answer(page.core, [said(2, 'two'), said(3, 'three'), said(4, 'four')])
  expect(lines().map((line) => line.split(' ')[1])).toEqual(['one', 'two', 'three', 'four'])
})

test('older messages are loaded before the first one, until there are no more', async () => {
  const page = open(<Room options={{ historyLimit: 2 }} />)
  await settle()
  act(() => subscribe(page.core))
  await answer(page.core, [said(3, 'three'), said(4, 'four')], true)
  expect(chat?.hasMore).toBe(true)
  act(() => void chat?.loadMore())
  await answer(page.core, [said(1, 'one'), said(2, 'two')])
  expect(JSON.parse(page.core.of('request').at(-1)?.[2] as string)).toEqual({ limit: 2, before: 3 })
  expect(lines().map((line) => line.split(' ')[1])).toEqual(['one', 'two', 'three', 'four'])
  expect(chat?.hasMore).toBe(false)
})

test('a room keeps so many messages, and the oldest can be loaded again', async () => {
  const page = await joined([], { limit: 3 })
  for (const n of [1, 2, 3, 4]) await hear(page.core, n, `m${n}`)
  expect(lines().map((line) => line.split(' ')[1])).toEqual(['m2', 'm3', 'm4'])
  expect(chat?.hasMore).toBe(true)
})

test('a room is loading from the first rendering on, and no room never is', async () => {
  const page = open(<Room />)
  expect(chat?.isLoading).toBe(true)
  page.show(<Room room={null} />)
  await frame()
  expect([chat?.isLoading, chat?.messages]).toEqual([false, []])
})

test('history that was lost on its way is asked for again with the next join, and what is here is not asked for', async () => {
  const page = open(<Room />)
  await settle()
  act(() => subscribe(page.core))
  await settle()
  expect(page.core.of('request')).toHaveLength(1)
  act(() => {
    page.core.tell(core.REQUEST_FAILED, lastId(page.core), 21)
    page.core.state(3)
  })
  await frame()
  expect([chat?.isLoading, chat?.messages]).toEqual([false, []])
  const again = async (): Promise<void> => {
    act(() => {
      welcome(page.core)
      subscribe(page.core)
    })
    await settle()
  }
  await again()
  expect(page.core.of('request')).toHaveLength(2)
  await answer(page.core, [said(1, 'one')])
  expect(lines()).toEqual(['bob one read'])
  act(() => page.core.state(3))
  await again()
  expect(page.core.of('request')).toHaveLength(2)
})

test('a server without a history has a room all the same', async () => {
  const page = open(<Room />)
  await settle()
  act(() => subscribe(page.core))
  await settle()
  await act(async () => page.core.tell(core.REQUEST_FAILED, lastId(page.core), 21))
  await hear(page.core, 0, 'hi')
  expect(lines()).toEqual(['bob hi read'])
  expect([chat?.hasMore, chat?.isLoading]).toEqual([false, false])
})

test('where nothing is numbered my own message is known by its id when it comes back', async () => {
  const page = await joined()
  await send('hi')
  const payload = JSON.parse(page.core.of('publish')[0]?.[2] as string) as object
  page.core.deliver(1, 'message', payload, 0, 2)
  await frame()
  act(() => page.core.tell(core.SENT, lastId(page.core), 1))
  await frame()
  expect(lines()).toEqual(['ada hi sent'])
})

test('where nothing is numbered my own message is there once, also when it comes back after it counted as sent', async () => {
  const page = await joined()
  await send('hi')
  act(() => page.core.tell(core.SENT, lastId(page.core), 1))
  await frame()
  page.core.deliver(1, 'message', JSON.parse(page.core.of('publish')[0]?.[2] as string), 0, 2)
  await frame()
  expect(lines()).toEqual(['ada hi sent'])
})

test('who comes and leaves is a notice; who was there from the start, and I, are not', async () => {
  const page = open(<Room />)
  await settle()
  act(() => {
    subscribe(page.core)
    page.core.tell(core.PRESENCE, 1, 0, 0, [[member('c1', { id: 'cy' })], [], []])
  })
  await answer(page.core, [])
  await presence(page.core, { joined: [member('me', ADA), member('b1', { id: 'bob', name: 'Bob' })] })
  await presence(page.core, { joined: [member('b2', { id: 'bob' })] })
  await presence(page.core, { left: [member('b1', { id: 'bob' })] })
  await presence(page.core, { left: [member('b2', { id: 'bob' })] })
  expect(chat?.notices.map(({ kind, user }) => `${kind} ${user?.id}`)).toEqual(['join bob', 'leave bob'])
  expect(chat?.members.map(({ id }) => id)).toEqual(['cy', 'ada'])
})

test('a wallet event is a notice', async () => {
  const page = await joined()
  page.core.deliver(1, 'wallet_event', { amount: 5 })
  await frame()
  expect(chat?.notices).toMatchObject([{ kind: 'wallet', payload: { amount: 5 } }])
})

test('typing shows who types', async () => {
  const page = await joined()
  await presence(page.core, { joined: [member('b1', { id: 'bob', name: 'Bob' })] })
  act(() => page.core.tell(core.TYPING, 1, 0, 0, ['b1']))
  expect(chat?.typingUsers).toMatchObject([{ name: 'Bob' }])
  chat?.typing()
  expect(page.core.of('typing')).toEqual([[1, true]])
})

test('nonsense in messages harms nobody, and nobody speaks for somebody else where tokens are used', async () => {
  const page = await joined()
  for (const [index, payload] of [null, 7, { text: 5, user: 'x' }, 'plain', { text: 'x', user: { id: 'ada' } }].entries()) {
    page.core.deliver(1, 'message', payload, index + 1, 0, { from: 'm1', user: 'mallory' })
  }
  await frame()
  expect(lines()).toEqual(['mallory  read', 'mallory  read', 'mallory  read', 'mallory plain read', 'mallory x read'])
})

test('nobody can make my message disappear by its id', async () => {
  const page = await joined()
  await send('hi')
  const { key } = chat?.messages[0] ?? { key: '' }
  page.core.deliver(1, 'message', { id: key, text: 'forged', user: { id: 'mallory' } }, 1, 0, { from: 'm1' })
  await frame()
  expect(lines()).toEqual(['mallory forged read', 'ada hi sending'])
})

test('messages that did not change are the same objects', async () => {
  const page = await joined([said(1, 'one')])
  const [before] = chat?.messages ?? []
  await hear(page.core, 2, 'two')
  expect(chat?.messages[0]).toBe(before)
})

test('a room that is left and entered again begins anew, with its history', async () => {
  const page = await joined([said(1, 'one')])
  page.show(<Room room={null} />)
  await advance(200)
  expect([chat?.messages, chat?.status]).toEqual([[], 'idle'])
  await expect(chat?.sendMessage('x')).rejects.toMatchObject({ code: 'misuse/channel-required' })
  page.show(<Room />)
  await settle()
  act(() => subscribe(page.core))
  await answer(page.core, [said(1, 'one')])
  expect(lines()).toEqual(['bob one read'])
  expect(page.core.of('subscribe')).toHaveLength(2)
})

test('a message before the room is joined waits its turn', async () => {
  const page = open(<Room />)
  await act(async () => void chat?.sendMessage('early'))
  await frame()
  expect(lines()).toEqual(['ada early sending'])
  expect(page.core.of('publish')).toHaveLength(1)
})

test('two components in a room share it', async () => {
  const page = open(<><Room key="a" /><Room key="b" /></>)
  await settle()
  act(() => subscribe(page.core))
  await settle()
  expect(page.core.of('request')).toHaveLength(1)
  expect(page.core.of('subscribe')).toHaveLength(1)

})

test('an author whose name is no text has none: a page that shows it goes on', async () => {
  await joined([{ event: 'message', offset: 1, from: 'b1', id: 1, time: 1, payload: { id: 'x', text: 'hi', user: { id: 'bob', name: {}, avatar: 7 } } }])
  expect(chat?.messages[0]?.user).toEqual({ id: 'bob' })
})

test('on a server that tells neither who is there nor who types a room works, and the console hears once what is missing', async () => {
  const check = (verb: string): void => {
    if (verb === 'presence' || verb === 'onTyping' || verb === 'track') throw new TautlineError('misuse/unsupported', { message: verb })
  }
  const client = new TautlineClient({ url: 'ws://localhost/' }, () => FakeCore, { core: {}, check }) as unknown as Client<EventMap>
  vi.mocked(console.warn).mockImplementation(() => {})
  const tree = (rooms: number): ReactElement => (
    <StrictMode>
      <TautlineProvider client={client}>{Array.from({ length: rooms }, (_, key) => <Room key={key} />)}</TautlineProvider>
    </StrictMode>
  )
  const { rerender } = render(tree(1))
  act(() => welcome(FakeCore.last))
  await settle()
  act(() => subscribe(FakeCore.last))
  await hear(FakeCore.last, 1, 'one')
  rerender(tree(2))
  await settle()
  expect(lines()).toEqual(['bob one read'])
  expect([chat?.members, chat?.typingUsers, chat?.status]).toEqual([[], [], 'subscribed'])
  expect(vi.mocked(console.warn).mock.calls.flat().map((error) => (error as Error).message)).toEqual([
    'Not supported here. presence [misuse/unsupported]', 'Not supported here. onTyping [misuse/unsupported]',
  ])
  vi.mocked(console.warn).mockReset()
})
