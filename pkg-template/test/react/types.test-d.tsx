/** What the types of tautline/react allow and what they refuse; `npm run typecheck` is the test. */
import type { ReactElement } from 'react'
import { expectTypeOf } from 'vitest'
import { type Client, createClient, type Receipt } from '../../src/index.ts'
import {
  TautlineProvider,
  useNotifications,
  useRealtimeChannel,
  useRealtimeChat,
  useRealtimePresence,
  useRealtimeSync,
  useTautline,
  useWebSocket,
  useWebSocketMessage,
  useWebSocketSend,
} from '../../src/react/index.ts'

interface Events {
  message: { text: string }
  STORAGE_SET: { key: string }
  STORAGE_CLEAR: { all: boolean }
}
interface Todo {
  readonly id: number
  readonly text: string
}

export function Provided(): ReactElement {
  const client = createClient<Events>({ url: '/ws' })
  return (
    <>
      <TautlineProvider client={client} />
      <TautlineProvider url="/ws" protocol="json" token={async () => 'token'} connect={false} />
      <TautlineProvider url="/ws" protocol={{ receive: { ready: 'hello' } }} />
      {/* @ts-expect-error neither a client nor a url */}
      <TautlineProvider />
      {/* @ts-expect-error no such protocol */}
      <TautlineProvider url="/ws" protocol="discord" />
      {/* @ts-expect-error no such option */}
      <TautlineProvider url="/ws" reconnect />
    </>
  )
}

export function useEverything(): void {
  expectTypeOf(useTautline<Events>()).toEqualTypeOf<Client<Events>>()
  const { send } = useRealtimeChannel<Events>({
    channel: 'room',
    events: {
      message: ({ text }, { event }) => {
        expectTypeOf(text).toBeString()
        expectTypeOf(event).toEqualTypeOf<'message'>()
      },
      'STORAGE_*': (_, message) => {
        if (message.event === 'STORAGE_SET') expectTypeOf(message.payload).toEqualTypeOf<{ key: string }>()
      },
    },
  })
  send('message', { text: 'hi' })
  // @ts-expect-error another payload
  send('message', { txt: 'hi' })
  // @ts-expect-error no such event
  useRealtimeChannel<Events>({ channel: 'room', events: { nothing: () => {} } })

  useWebSocketMessage<'message', Events>('message', ({ text }) => expectTypeOf(text).toBeString())
  // Without types everything is allowed, and payloads are unknown.
  useWebSocketMessage('anything', (payload) => expectTypeOf(payload).toBeUnknown())
  useWebSocketSend<Events>()('STORAGE_SET', { key: 'a' }, { channel: 'room' })
  expectTypeOf(useWebSocket<Events>({ url: '/ws' }).client).toEqualTypeOf<Client<Events>>()

  const { data, insert, update } = useRealtimeSync<Todo>({ channel: 'board', resource: 'todo', onUpdate: ({ id, text }) => [id, text] })
  expectTypeOf(data).toEqualTypeOf<readonly Todo[]>()
  expectTypeOf(insert({ id: 1, text: 'a' })).toEqualTypeOf<Promise<Receipt>>()
  void update(1, { text: 'b' })
  // @ts-expect-error another id
  void update('1', { text: 'b' })
  // @ts-expect-error no such field
  void update(1, { txt: 'b' })
  // @ts-expect-error what has no id cannot be synchronised
  useRealtimeSync<{ text: string }>({ channel: 'board', resource: 'todo' })

  const { users, updateStatus } = useRealtimePresence({ channel: 'room', user: { id: 'ada', colour: 'red' } })
  expectTypeOf(users[0]?.colour).toEqualTypeOf<string | undefined>()
  expectTypeOf(users[0]?.connections).toEqualTypeOf<number | undefined>()
  updateStatus('busy')
  // @ts-expect-error no such status
  updateStatus('gone')

  const { messages, members } = useRealtimeChat('room', { id: 'ada', colour: 'red' })
  expectTypeOf(messages[0]?.status).toEqualTypeOf<'sending' | 'sent' | 'delivered' | 'read' | 'failed' | undefined>()
  expectTypeOf(members[0]?.colour).toEqualTypeOf<string | undefined>()
  // @ts-expect-error who it is has to be said
  useRealtimeChat('room', { name: 'Ada' })

  expectTypeOf(useNotifications<{ title: string }>({ userId: 'ada' }).notifications[0]?.payload.title).toEqualTypeOf<string | undefined>()
}
