import { act, screen } from '@testing-library/react'
import { useState } from 'react'
import { beforeEach, expect, test, vi } from 'vitest'
import { ACKED, FAILED, GAP, SENT } from '../../src/core.ts'
import { type RealtimeSync, type RealtimeSyncOptions, useRealtimeSync } from '../../src/react/index.ts'
import type { FakeCore } from '../fake-core.ts'
import { advance, open, type Page, settle, subscribe } from './bench.tsx'

beforeEach(() => {
  vi.useFakeTimers()
})

interface Todo {
  readonly id: number
  readonly text: string
  readonly done?: boolean
}

let list: RealtimeSync<Todo> | undefined
function List(options: Partial<RealtimeSyncOptions<Todo>>) {
  list = useRealtimeSync<Todo>({ channel: 'board', resource: 'todo', ...options })
  return null
}

const texts = (): string => (list?.data ?? []).map(({ id, text }) => `${id}:${text}`).join(' ')

async function board(options: Partial<RealtimeSyncOptions<Todo>> = {}): Promise<Page> {
  const page = open(<List {...options} />)
  await settle()
  act(() => subscribe(page.core))
  await settle()
  return page
}

/** Somebody else's change. */
function hear(fake: FakeCore, kind: string, item: unknown, offset = 1): Promise<void> {
  fake.deliver(1, `todo:${kind}`, item, offset, 0, { from: 'other', id: 1 })
  return frame()
}

/** Ours, as the server sends it back. */
function echo(fake: FakeCore, id: number, kind: string, item: unknown, offset = 1): Promise<void> {
  fake.deliver(1, `todo:${kind}`, item, offset, 0, { from: 'me', id })
  return frame()
}

/** Renders what came in a short time. */
async function frame(): Promise<void> {
  await advance(20)
}

test('what others insert, change and delete is in the list, and told', async () => {
  const told: unknown[] = []
  const { core } = await board({
    initialData: [{ id: 1, text: 'a' }],
    onInsert: (item) => told.push(['insert', item]),
    onUpdate: (item) => told.push(['update', item]),
    onDelete: (item) => told.push(['delete', item]),
  })
  expect(texts()).toBe('1:a')
  await hear(core, 'insert', { id: 2, text: 'b' })
  expect(texts()).toBe('1:a 2:b')
  await hear(core, 'update', { id: 1, text: 'c' })
  await hear(core, 'delete', { id: 2 })
  expect(texts()).toBe('1:c')
  expect(told).toEqual([['insert', { id: 2, text: 'b' }], ['update', { id: 1, text: 'c' }], ['delete', { id: 2 }]])
})

test('a change of ours is seen at once, and confirmed in its place when it comes back', async () => {
  const { core } = await board()
  let receipt: Promise<unknown> | undefined
  await act(async () => void (receipt = list?.insert({ id: 1, text: 'mine' })))
  await frame()
  expect([texts(), list?.pending]).toEqual(['1:mine', 1])
  expect(core.of('publish')).toEqual([[1, '"todo:insert"', '{"id":1,"text":"mine"}', 22, 0]])
  // Somebody else was faster with another.
  await hear(core, 'insert', { id: 2, text: 'theirs' }, 1)
  act(() => core.tell(ACKED, 1, 2, 0, { epoch: 'e', time: 99 }))
  await echo(core, 1, 'insert', { id: 1, text: 'mine' }, 2)
  expect([texts(), list?.pending]).toEqual(['2:theirs 1:mine', 0])
  await expect(receipt).resolves.toMatchObject({ status: 'acked', offset: 2 })
})

test('a refused change is taken back, and said why', async () => {
  const onError = vi.fn()
  const { core } = await board({ initialData: [{ id: 1, text: 'a' }], onError })
  await act(async () => {
    void list?.update(1, { text: 'b' }).catch(() => {})
    void list?.remove(1).catch(() => {})
  })
  await frame()
  expect(texts()).toBe('')
  act(() => core.tell(FAILED, 2, 15))
  await frame()
  expect(texts()).toBe('1:b')
  act(() => core.tell(FAILED, 1, 15))
  await frame()
  expect(texts()).toBe('1:a')
  expect(onError.mock.calls.map(([error, change]) => [error.code, change.kind])).toEqual([['refused/forbidden', 'delete'], ['refused/forbidden', 'update']])
})

test('of two changes of one field the later one in the channel wins, for everybody', async () => {
  const { core } = await board({ initialData: [{ id: 1, text: 'a' }] })
  await act(async () => void list?.update(1, { text: 'mine' }))
  await hear(core, 'update', { id: 1, text: 'theirs' }, 2)
  // Ours is still open, and stands on top.
  expect(texts()).toBe('1:mine')
  // The server had ours first: theirs is later.
  await echo(core, 1, 'update', { id: 1, text: 'mine' }, 3)
  expect(texts()).toBe('1:mine')
  await hear(core, 'update', { id: 1, done: true }, 4)
  expect(list?.data).toEqual([{ id: 1, text: 'mine', done: true }])
})

test('the list is fetched when the channel was joined; what comes meanwhile is not lost, and the answer does not undo it', async () => {
  let answer = (_: readonly Todo[]): void => {}
  const fetch = vi.fn(() => new Promise<readonly Todo[]>((resolve) => (answer = resolve)))
  const { core } = await board({ initialData: [{ id: 1, text: 'old' }], fetch })
  expect(fetch).toHaveBeenCalledTimes(1)
  expect([texts(), list?.isFetching]).toEqual(['1:old', true])
  await hear(core, 'update', { id: 1, text: 'new' })
  await hear(core, 'insert', { id: 2, text: 'b' })
  await act(async () => answer([{ id: 1, text: 'stale' }, { id: 3, text: 'c' }]))
  await frame()
  expect([texts(), list?.isFetching]).toEqual(['1:new 3:c 2:b', false])
})

test('after a reconnect without loss nothing is fetched; after a gap the list is', async () => {
  const answers: Todo[][] = [[{ id: 1, text: 'a' }], [{ id: 9, text: 'z' }]]
  const fetch = vi.fn(async () => answers.shift() ?? [])
  const { core } = await board({ fetch })
  act(() => core.state(3, 25))
  act(() => core.state(2))
  act(() => subscribe(core, 1, 1))
  await frame()
  expect(fetch).toHaveBeenCalledTimes(1)
  act(() => core.tell(GAP, 1, 4, 9))
  await frame()
  expect(fetch).toHaveBeenCalledTimes(2)
  expect(texts()).toBe('9:z')
})

test('a change that was acknowledged, and whose echo fell into a gap, does not hang', async () => {
  const { core } = await board()
  await act(async () => void list?.insert({ id: 1, text: 'mine' }))
  act(() => core.tell(ACKED, 1, 2, 0, { epoch: 'e', time: 99 }))
  await frame()
  expect(list?.pending).toBe(1)
  act(() => core.tell(GAP, 1, 1, 9))
  await frame()
  expect([texts(), list?.pending]).toEqual(['1:mine', 0])
})

test('a server that does not number messages confirms by taking them', async () => {
  const { core } = await board()
  await act(async () => void list?.insert({ id: 1, text: 'mine' }))
  act(() => core.tell(SENT, 1, 1))
  await frame()
  expect([texts(), list?.pending]).toEqual(['1:mine', 0])
})

test('a fetch that fails is said, and what is here stays; refetch tries again', async () => {
  const onError = vi.fn()
  let broken = true
  const fetch = async (): Promise<readonly Todo[]> => {
    if (broken) throw new Error('500')
    return [{ id: 2, text: 'b' }]
  }
  await board({ initialData: [{ id: 1, text: 'a' }], fetch, onError })
  await frame()
  expect(onError.mock.calls.map(([error]) => error.message)).toEqual(['500'])
  expect([texts(), list?.isFetching]).toEqual(['1:a', false])
  broken = false
  await act(async () => list?.refetch())
  await frame()
  expect(texts()).toBe('2:b')
})

test('what has no id is said and skipped', async () => {
  const onError = vi.fn()
  const { core } = await board({ onError })
  await hear(core, 'insert', { text: 'x' })
  await hear(core, 'delete', null)
  expect(texts()).toBe('')
  expect(onError.mock.calls.map(([error]) => error.code)).toEqual(['peer/invalid-payload', 'peer/invalid-payload'])
})

test('two components share one list', async () => {
  const seen: string[] = []
  function Other() {
    const { data } = useRealtimeSync<Todo>({ channel: 'board', resource: 'todo' })
    seen.push(data.map(({ text }) => text).join())
    return null
  }
  const page = open(<><List /><Other /></>)
  await settle()
  act(() => subscribe(page.core))
  await act(async () => void list?.insert({ id: 1, text: 'mine' }))
  await frame()
  expect(seen.at(-1)).toBe('mine')
  expect(page.core.of('publish')).toHaveLength(1)
})

test('changes before the channel is joined wait their turn, in order', async () => {
  const page = open(<List />)
  const both = [list?.insert({ id: 1, text: 'a' }), list?.update(1, { text: 'b' })]
  for (const one of both) one?.catch(() => {})
  await frame()
  expect(page.core.of('publish').map((call) => call[1])).toEqual(['"todo:insert"', '"todo:update"'])
  expect(texts()).toBe('1:b')
})

test('without a channel a change is refused at once', async () => {
  open(<List channel={null} />)
  await expect(list?.insert({ id: 1, text: 'a' })).rejects.toMatchObject({ code: 'misuse/channel-required' })
})

test('a burst of a thousand changes is a few renderings', async () => {
  let renders = 0
  function Counter() {
    renders++
    const { data } = useRealtimeSync<Todo>({ channel: 'board', resource: 'todo' })
    return <p>{data.length}</p>
  }
  const page = open(<Counter />)
  await settle()
  await frame()
  const before = renders
  // Each in a task of its own, so that it is not React who makes one rendering of them.
  for (let n = 0; n < 1_000; n++) act(() => page.core.deliver(1, 'todo:insert', { id: n, text: '' }, n + 1, 0, { from: 'other' }))
  await frame()
  screen.getByText('1000')
  expect(renders - before).toBeLessThan(20)
})

test('initialData shows in the first rendering', () => {
  function Now() {
    const [first] = useState(() => [{ id: 1, text: 'a' }])
    const { data } = useRealtimeSync<Todo>({ channel: null, resource: 'todo', initialData: first })
    return <p>{data.length} of them</p>
  }
  open(<Now />)
  screen.getByText('1 of them')
})
