/** What the types allow and what they refuse; `npm run typecheck` is the test. */
import { expectTypeOf } from 'vitest'
import { type Client, type ConnectionState, createClient, type LifecycleEvents, type Message, type TautlineError } from '../src/index.ts'

interface Events {
  MESSAGE_RECEIVED: { text: string }
  STORAGE_SET: { key: string }
  STORAGE_CLEAR: { all: boolean }
  FILE: Uint8Array
  PING: undefined
}

const client: Client<Events> = createClient<Events>({ url: '/ws' })
const room = client.channel('room')

// A listener knows its payload and its message.
client.on('MESSAGE_RECEIVED', (payload, message) => {
  expectTypeOf(payload).toEqualTypeOf<{ text: string }>()
  expectTypeOf(message).toEqualTypeOf<Message<'MESSAGE_RECEIVED', { text: string }>>()
})
// A pattern stands for the events that begin so, and the event tells them apart.
room.on('STORAGE_*', (payload, message) => {
  expectTypeOf(payload).toEqualTypeOf<{ key: string } | { all: boolean }>()
  expectTypeOf(message.event).toEqualTypeOf<'STORAGE_SET' | 'STORAGE_CLEAR'>()
  if (message.event === 'STORAGE_SET') expectTypeOf(message.payload).toEqualTypeOf<{ key: string }>()
})
client.on('*', (_, message) => {
  expectTypeOf(message.event).toEqualTypeOf<keyof Events>()
})
// @ts-expect-error no such event
client.on('MESSAGE_RECIEVED', () => {})
// @ts-expect-error no event begins so
client.on('STORAGEE_*', () => {})
// @ts-expect-error another payload
client.on('STORAGE_SET', (payload: { all: boolean }) => payload)

expectTypeOf(client.waitFor('STORAGE_SET')).toEqualTypeOf<Promise<Message<'STORAGE_SET', { key: string }>>>()
client.waitFor('STORAGE_SET', { filter: ({ payload }) => payload.key === 'a' })
for await (const message of room.events('STORAGE_*')) {
  if (message.event === 'STORAGE_CLEAR') expectTypeOf(message.payload).toEqualTypeOf<{ all: boolean }>()
}

// What is sent is what is heard; bytes may be sent in any form; nothing may be sent only for an event that carries nothing.
room.send('MESSAGE_RECEIVED', { text: 'hi' }, { ttlMs: 5 })
room.send('FILE', new Blob([]))
room.send('FILE', new ArrayBuffer(1))
room.send('PING')
room.send('PING', undefined, { volatile: true })
room.signal('PING')
client.send('STORAGE_SET', { key: 'a' }, { channel: 'room' })
// @ts-expect-error the payload is missing
room.send('MESSAGE_RECEIVED')
// @ts-expect-error another payload
room.send('MESSAGE_RECEIVED', { txt: 'hi' })
// @ts-expect-error bytes for an event of plain data
room.send('STORAGE_SET', new ArrayBuffer(1))
// @ts-expect-error no such option
room.send('MESSAGE_RECEIVED', { text: 'hi' }, { channel: 'other' })

// A channel may have events of its own.
client.channel<{ cursor: { x: number } }>('board').on('cursor', ({ x }) => expectTypeOf(x).toBeNumber())

// Without types everything is allowed, and payloads are unknown.
const untyped = createClient({ url: '/ws' })
untyped.on('anything', (payload, message) => {
  expectTypeOf(payload).toBeUnknown()
  expectTypeOf(message.event).toEqualTypeOf<'anything'>()
})
untyped.on('any*', (_, message) => expectTypeOf(message.event).toBeString())
untyped.channel('x').send('anything', { at: 'all' })

// The state narrows by its status.
const narrow = (state: ConnectionState): void => {
  expectTypeOf(state.cause).toEqualTypeOf<TautlineError | undefined>()
  if (state.status === 'failed') expectTypeOf(state.cause).toEqualTypeOf<TautlineError>()
  if (state.status === 'reconnecting') expectTypeOf(state.retryInMs).toBeNumber()
}
client.onConnectionStateChange(narrow)
client.onLifecycle('gap', (gap) => expectTypeOf(gap).toEqualTypeOf<LifecycleEvents['gap']>())
// @ts-expect-error no such event
client.onLifecycle('gaps', () => {})

expectTypeOf(room.request('who')).toEqualTypeOf<Promise<unknown>>()
expectTypeOf(room.request<string[]>('who')).toEqualTypeOf<Promise<string[]>>()
expectTypeOf(room.presence.members[0]?.state).toBeUnknown()
room.history().then(({ messages }) => expectTypeOf(messages[0]).toEqualTypeOf<Message<'MESSAGE_RECEIVED', { text: string }> | Message<'STORAGE_SET', { key: string }> | Message<'STORAGE_CLEAR', { all: boolean }> | Message<'FILE', Uint8Array> | Message<'PING', undefined> | undefined>())

// @ts-expect-error no such option
createClient({ url: '/ws', reconnect: true })
// @ts-expect-error the URL is missing
createClient({})
createClient({ url: async () => new URL('wss://a.b'), token: async (why) => (why === 'refused' ? null : 'token') })
