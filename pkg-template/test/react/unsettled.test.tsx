import { act } from '@testing-library/react'
import { beforeEach, expect, test, vi } from 'vitest'
import { TautlineClient } from '../../src/client.ts'
import * as core from '../../src/core.ts'
import { TautlineError } from '../../src/error.ts'
import type { Restored } from '../../src/lifecycle.ts'
import { type RealtimeChat, type RealtimeSync, useRealtimeChat, useRealtimeSync } from '../../src/react/index.ts'
import type { Receipt, SendHandle, SendStatus } from '../../src/send.ts'
import type { FakeCore } from '../fake-core.ts'
import { advance, open, settle, subscribe } from './bench.tsx'

beforeEach(() => {
  vi.useFakeTimers()
})

interface Todo {
  readonly id: string
  readonly text: string
}

let chat: RealtimeChat | undefined
let list: RealtimeSync<Todo> | undefined
const wrong: unknown[] = []

function Room() {
  chat = useRealtimeChat('room', { id: 'ada', name: 'Ada' })
  return null
}
function List() {
  list = useRealtimeSync<Todo>({ channel: 'room', resource: 'todo', onError: (error) => wrong.push(error) })
  return null
}

const lines = (): string[] => (chat?.messages ?? []).map(({ text, status }) => `${text} ${status}`)
const texts = (): string[] => (list?.data ?? []).map(({ text }) => text)

async function frame(): Promise<void> {
  await settle()
  await advance(50)
}

/** Ends a publish of the fake: the last one. */
async function end(fake: FakeCore, kind: number, ...rest: [number?, number?, unknown?]): Promise<void> {
  // The fake counts its ids over sends and requests.
  const id = fake.calls.map(([name]) => name).filter((name) => name === 'publish' || name === 'request').lastIndexOf('publish') + 1
  await act(async () => fake.tell(kind, id, ...rest))
  await frame()
}

/** A message of an earlier page. */
class Left implements SendHandle {
  readonly id = 7
  status: SendStatus = 'queued'
  error: TautlineError | undefined
  settle!: (receipt: Receipt) => void
  refuse!: (error: TautlineError) => void
  readonly receipt = new Promise<Receipt>((resolve, reject) => {
    this.settle = (receipt) => {
      this.status = 'acked'
      resolve(receipt)
    }
    this.refuse = (error) => {
      this.status = 'failed'
      reject(error)
    }
  })
  onStatus = () => () => {}
  cancel = () => false
}

/** What the client tells of its queue, when the test wants. */
function restorable(): (restored: Restored) => Promise<void> {
  let tell: ((restored: Restored) => void) | undefined
  const { onLifecycle } = TautlineClient.prototype
  vi.spyOn(TautlineClient.prototype, 'onLifecycle').mockImplementation(function (this: TautlineClient, name, listener, options) {
    if (name === 'restored') tell = listener as never
    return onLifecycle.call(this, name, listener as never, options)
  })
  return async (restored) => {
    await act(async () => tell?.(restored))
    await frame()
  }
}

test('a message that is on its way when its room is left is there when it is entered again, and comes to its end', async () => {
  const page = open(<Room />)
  await frame()
  await act(async () => void (await chat?.sendMessage('hi')))
  page.show(undefined)
  await frame()
  page.show(<Room />)
  await frame()
  expect(lines()).toEqual(['hi sending'])
  act(() => subscribe(page.core, 1))
  await end(page.core, core.ACKED, 1, 99, { epoch: 'e' })
  expect(lines()).toEqual(['hi sent'])
  expect(page.core.of('publish')).toHaveLength(1)
})

test('a message that fails while its room is left can be sent again there', async () => {
  const page = open(<Room />)
  await frame()
  await act(async () => void (await chat?.sendMessage('hi')))
  page.show(undefined)
  await frame()
  await end(page.core, core.FAILED, 39)
  page.show(<Room />)
  await frame()
  expect(lines()).toEqual(['hi failed'])
  await act(async () => void (await chat?.retry(chat.messages[0]?.key ?? '')))
  await frame()
  expect(lines()).toEqual(['hi sending'])
  expect(page.core.of('publish')).toHaveLength(2)
})

test('what an earlier page left in the queue is shown on its way, also by a room that is entered later, and once when it has arrived', async () => {
  const restore = restorable()
  const page = open(undefined)
  const handle = new Left()
  const payload = { id: 'k', text: 'from before', user: { id: 'ada', name: 'Ada' } }
  await restore({ messages: [{ channel: 'room', event: 'message', payload, handle }] })
  page.show(<Room />)
  await frame()
  expect(lines()).toEqual(['from before sending'])
  expect(chat?.messages[0]).toMatchObject({ own: true, user: { id: 'ada', name: 'Ada' } })
  // It had arrived before, and only the word of it was lost.
  act(() => subscribe(page.core))
  await frame()
  const history = { epoch: 'e', messages: [{ event: 'message', offset: 1, from: 'me', id: 7, time: 1, payload }], more: false }
  await act(async () => page.core.tell(core.REPLY, 1, 0, 0, history))
  await frame()
  expect(lines()).toEqual(['from before sent'])
  handle.settle({ status: 'acked', id: 7, channel: 'room', epoch: 'e', offset: 1, time: 1 })
  await frame()
  expect(lines()).toEqual(['from before sent'])
})

test('a change of an earlier page is on the list at once, and is confirmed when its place was passed already', async () => {
  const restore = restorable()
  const page = open(<List />)
  await frame()
  const handle = new Left()
  await restore({ messages: [{ channel: 'room', event: 'todo:insert', payload: { id: 'a', text: 'one' }, handle }] })
  expect([texts(), list?.pending]).toEqual([['one'], 1])
  act(() => page.core.tell(core.SUBSCRIBED, 1, 2, 0, ['"e"', 5]))
  await frame()
  handle.settle({ status: 'acked', id: 7, channel: 'room', epoch: 'e', offset: 5, time: 1 })
  await frame()
  expect([texts(), list?.pending]).toEqual([['one'], 0])
})

test('a change that is on its way when its list is left is on the list that comes back', async () => {
  const page = open(<List />)
  await frame()
  await act(async () => void list?.insert({ id: 'a', text: 'one' }))
  page.show(undefined)
  await frame()
  page.show(<List />)
  await frame()
  expect([texts(), list?.pending]).toEqual([['one'], 1])
})

test('a change that is confirmed before the page renders the downloaded list is shown', async () => {
  const page = open(<List />)
  act(() => subscribe(page.core))
  // React renders at the end.
  await act(async () => {
    const inserted = list?.insert({ id: '1', text: 'early' })
    await vi.dynamicImportSettled()
    page.core.tell(core.ACKED, 1, 1, 99, { epoch: 'e' })
    page.core.deliver(1, 'todo:insert', { id: '1', text: 'early' }, 1, 0, { from: 'me', id: 1 })
    await inserted
  })
  await frame()
  expect([texts(), list?.pending]).toEqual([['early'], 0])
})

test('a change of an earlier page that is refused is taken back and reported once', async () => {
  wrong.length = 0
  const restore = restorable()
  const page = open(undefined)
  const handle = new Left()
  await restore({ messages: [{ channel: 'room', event: 'todo:insert', payload: { id: 'a', text: 'one' }, handle }] })
  handle.refuse(new TautlineError('refused/too-large'))
  page.show(<List />)
  await frame()
  expect([texts(), list?.pending]).toEqual([[], 0])
  page.show(undefined)
  await frame()
  page.show(<List />)
  await frame()
  expect(wrong).toMatchObject([{ code: 'refused/too-large' }])
})

test('a message that waits can be taken back: it is gone, and nothing says that it failed', async () => {
  const page = open(<Room />)
  await frame()
  await act(async () => void (await chat?.sendMessage('oops')))
  await frame()
  const key = chat?.messages[0]?.key ?? ''
  const gone: unknown[] = []
  for (let times = 0; times < 2; times++) await act(async () => void gone.push(await chat?.discard(key)))
  await frame()
  expect(lines()).toEqual([])
  expect(gone, 'the second time it was not there').toEqual([true, false])
  expect(page.core.of('cancel')).toHaveLength(1)
})
