import { act, screen } from '@testing-library/react'
import { useState } from 'react'
import { expect, test, vi } from 'vitest'
import * as core from '../../src/core.ts'
import { type RealtimeChannel, useRealtimeChannel, useWebSocketMessage } from '../../src/react/index.ts'
import { open, settle, subscribe } from './bench.tsx'

test('StrictMode joins once and does not leave', async () => {
  function Room() {
    useRealtimeChannel({ channel: 'room', events: { message: () => {} } })
    return null
  }
  const { core } = open(<Room />)
  await settle()
  expect(core.of('subscribe')).toEqual([[1, false]])
  expect(core.of('unsubscribe')).toHaveLength(0)
})

test('two components in one channel make one subscription, which ends with the last', async () => {
  function Room() {
    useRealtimeChannel({ channel: 'room', events: { message: () => {} } })
    return null
  }
  const page = open(<><Room key="a" /><Room key="b" /></>)
  page.show(<><Room key="b" /></>)
  await settle()
  expect(page.core.of('unsubscribe')).toHaveLength(0)
  page.show(<></>)
  await settle()
  expect(page.core.of('subscribe')).toHaveLength(1)
  expect(page.core.of('unsubscribe')).toEqual([[1]])
})

test('handlers that change with every render neither subscribe again nor are called when they are old', async () => {
  const heard: string[] = []
  let again = (): void => {}
  function Room() {
    const [count, set] = useState(0)
    again = () => set((n) => n + 1)
    useRealtimeChannel<{ message: string }>({ channel: 'room', events: { message: (text) => heard.push(`${count} ${text}`) } })
    return <p>{count}</p>
  }
  const { core, client } = open(<Room />)
  const listen = vi.spyOn(client.channel('room'), 'on')
  act(() => core.deliver(1, 'message', 'a'))
  act(() => again())
  act(() => core.deliver(1, 'message', 'b'))
  await settle()
  expect(heard).toEqual(['0 a', '1 b'])
  expect(listen).not.toHaveBeenCalled()
  expect(core.of('subscribe')).toHaveLength(1)
})

test('a handler that comes later is called, one that is gone is not', () => {
  const heard: string[] = []
  function Room({ both }: { readonly both: boolean }) {
    useRealtimeChannel<{ a: number; b: number }>({
      channel: 'room',
      events: both ? { a: () => heard.push('a'), b: () => heard.push('b') } : { b: () => heard.push('b') },
    })
    return null
  }
  const { core, show } = open(<Room both={false} />)
  const say = (): void => act(() => (core.deliver(1, 'a', 1), core.deliver(1, 'b', 1)))
  say()
  show(<Room both />)
  say()
  show(<Room both={false} />)
  say()
  expect(heard).toEqual(['b', 'a', 'b', 'b'])
})

test('patterns hear what begins so', () => {
  const heard: unknown[] = []
  function Room() {
    useRealtimeChannel({ channel: 'room', events: { 'STORAGE_*': (_, { event }) => heard.push(event) } })
    return null
  }
  const { core } = open(<Room />)
  act(() => (core.deliver(1, 'STORAGE_SET', 1), core.deliver(1, 'message', 1)))
  expect(heard).toEqual(['STORAGE_SET'])
})

test('every message of a burst is heard, before anything is rendered', () => {
  const heard: number[] = []
  let renders = 0
  function Room() {
    renders++
    useRealtimeChannel<{ message: number }>({ channel: 'room', events: { message: (n) => heard.push(n) } })
    return null
  }
  const { core } = open(<Room />)
  const before = renders
  act(() => {
    for (let n = 0; n < 1_000; n++) core.deliver(1, 'message', n, n + 1)
  })
  expect(heard).toHaveLength(1_000)
  expect(renders).toBe(before)
})

test('another name leaves the old channel and joins the new one', async () => {
  function Room({ name }: { readonly name: string | undefined }) {
    useRealtimeChannel({ channel: name, events: { message: () => {} } })
    return null
  }
  const { core, show } = open(<Room name={undefined} />)
  expect(core.of('subscribe')).toHaveLength(0)
  show(<Room name="a" />)
  show(<Room name="b" />)
  await settle()
  expect(core.of('subscribe')).toEqual([[1, false], [2, false]])
  expect(core.of('unsubscribe')).toEqual([[1]])
})

test('a component that is gone in the middle of a join leaves, and the late answer harms nobody', async () => {
  let place: RealtimeChannel | undefined
  function Room() {
    place = useRealtimeChannel({ channel: 'room' })
    return null
  }
  const { core: fake, show } = open(<Room />)
  expect(place?.status).toBe('subscribing')
  show(<></>)
  act(() => subscribe(fake))
  await settle()
  expect(fake.of('unsubscribe')).toEqual([[1]])
})

test('it tells the status and why the server refused', () => {
  function Room() {
    const { status, isSubscribed, error } = useRealtimeChannel({ channel: 'room' })
    return <p>{[status, isSubscribed, error?.code].join(' ')}</p>
  }
  const { core: fake } = open(<Room />)
  screen.getByText('subscribing false')
  act(() => subscribe(fake))
  screen.getByText('subscribed true')
  act(() => fake.state(3, 25))
  screen.getByText('subscribing false')
  act(() => fake.tell(core.SUBSCRIBE_FAILED, 1, 15))
  screen.getByText('refused false refused/forbidden')
})

test('a gap reaches the handler of the last render', () => {
  const gaps: unknown[] = []
  function Room() {
    useRealtimeChannel({ channel: 'room', onGap: ({ lastOffset }) => gaps.push(lastOffset) })
    return null
  }
  const { core: fake } = open(<Room />)
  act(() => fake.tell(core.GAP, 1, 4, 9))
  expect(gaps).toEqual([4])
})

test('while not enabled it hears nothing and is in no channel', async () => {
  function Room({ enabled }: { readonly enabled: boolean }) {
    useRealtimeChannel({ channel: 'room', enabled, events: { message: () => {} } })
    return null
  }
  const { core, show } = open(<Room enabled={false} />)
  expect(core.of('subscribe')).toHaveLength(0)
  show(<Room enabled />)
  expect(core.of('subscribe')).toHaveLength(1)
  show(<Room enabled={false} />)
  await settle()
  expect(core.of('unsubscribe')).toHaveLength(1)
})

test('it sends to its channel, and says so where there is none', () => {
  let place: RealtimeChannel | undefined
  function Room({ name }: { readonly name: string | null }) {
    place = useRealtimeChannel({ channel: name })
    return null
  }
  const { core, show } = open(<Room name="room" />)
  place?.send('message', 'hi')
  expect(core.of('publish')).toEqual([[1, '"message"', '"hi"', 4, 0]])
  show(<Room name={null} />)
  expect(() => place?.send('message', 'hi')).toThrow('[misuse/channel-required]')
})

test('useWebSocketMessage hears what comes in every channel, or keeps one subscribed', async () => {
  const heard: string[] = []
  function Ear({ channel }: { readonly channel?: string }) {
    useWebSocketMessage('message', (payload, { channel }) => heard.push(`${channel} ${String(payload)}`), { channel })
    return null
  }
  const { core, client, show } = open(<Ear />)
  expect(core.of('subscribe')).toHaveLength(0)
  client.channel('a').subscribe()
  client.channel('b').subscribe()
  act(() => (core.deliver(1, 'message', 1), core.deliver(2, 'message', 2)))
  show(<Ear channel="b" />)
  act(() => (core.deliver(1, 'message', 3), core.deliver(2, 'message', 4)))
  expect(heard).toEqual(['a 1', 'b 2', 'b 4'])
})
