import {
  type Channel,
  type Client,
  type ConnectionState,
  createClient,
  isTautlineError,
  type Message,
  type Receipt,
} from 'tautline'
import { createClientFromEnv, resolveEnv } from 'tautline/env'
import { createClient as createJsonClient, type JsonProtocol, presets } from 'tautline/json'
import { configureWebSocket, joinWebSocketRoom, webSocketToken } from 'tautline/compat'
import { type Options, ReadyState, useWebSocket } from 'tautline/react/websocket'
import { createFakeServer, type FakeServer } from 'tautline/testing'
import { createToken, type Outbound, publish } from 'tautline/server'
import { TautlineSocket, type TautlineSocketOptions } from 'tautline/websocket'

interface Events {
  message: { text: string }
  cursor: { x: number; y: number }
  bytes: Uint8Array
}

const client: Client<Events> = createClient<Events>({ url: 'wss://example.com/ws', token: async () => 'token', queue: { max: 10 } })
const room: Channel<Events> = client.channel('room')

room.on('message', ({ text }, message: Message<'message', { text: string }>) => text + message.offset)
// @ts-expect-error: there is no such event
room.on('massage', () => {})
// @ts-expect-error: the payload is of another type
room.send('message', { txt: '' })
room.send('bytes', new ArrayBuffer(1))

client.onConnectionStateChange((state: ConnectionState) => {
  if (state.status === 'failed') return state.cause.code
  return state.status
})

export async function say(text: string): Promise<Receipt | undefined> {
  try {
    return await room.send('message', { text }).receipt
  } catch (error) {
    if (isTautlineError(error) && error.code === 'refused/too-large') return undefined
    throw error
  }
}

const protocol: JsonProtocol = { ...presets.rooms, fields: { ...presets.rooms.fields, payload: null } }
const own: Client<Events> = createJsonClient<Events>({ url: 'wss://example.com/ws', protocol })
own.channel('room').send('message', { text: '' })
const chosen: Client<Events> = createClientFromEnv<Events>({ url: '/ws', discord: { ...presets.chat, silenceMs: 5 }, useDiscordClient: false })
chosen.on('message', ({ text }) => text)
export const size: number = resolveEnv().messageQueueSize.value
// @ts-expect-error: a flag is no text
createClientFromEnv({ url: '/ws', useDiscordClient: 'true' })
// @ts-expect-error: there is no such meaning
export const wrong: JsonProtocol = { receive: { redy: 'welcome' } }

const options: TautlineSocketOptions = { reconnect: 'until-open', heartbeat: { ping: 'ping', pong: 'pong' } }
export const Socket: typeof WebSocket = TautlineSocket.with(options)
export const socket: WebSocket = new TautlineSocket(async () => 'wss://example.com/', ['v1'], options)
// @ts-expect-error: there is no such option
new TautlineSocket('wss://example.com/', [], { maxRetry: 1 })

export const token: Promise<string> = createToken({ secret: '', user: 'ada', channels: ['user:*'] })
const outbound: Outbound<Events> = { channel: 'room', event: 'message', payload: { text: '' } }
export const published: Promise<number> = publish<Events>(outbound, { url: 'https://example.com', apiKey: '' }).then(({ offset }) => offset)
// @ts-expect-error: the payload is of another type
void publish<Events>({ channel: 'room', event: 'message', payload: 1 }, { url: 'https://example.com', apiKey: '' })

configureWebSocket(() => createClient<Events>({ url: 'wss://example.com/ws', token: webSocketToken }))
joinWebSocketRoom<Events>('room').on('message', ({ text }) => text)

const hookOptions: Options = { shouldReconnect: ({ code }) => code !== 1000, reconnectInterval: (attempts) => attempts * 1000 }
export function useText(): string | undefined {
  const { lastJsonMessage, readyState } = useWebSocket<{ text: string }>('wss://example.com/', hookOptions)
  return readyState === ReadyState.OPEN ? lastJsonMessage?.text : undefined
}
// @ts-expect-error: there is no such option
export const misspelt: Options = { shouldReconect: () => true }

export function play(): FakeServer<Events> {
  const server = createFakeServer<Events>()
  server.publish('room', 'message', { text: '' })
  // @ts-expect-error: the payload is of another type
  server.publish('room', 'message', { txt: '' })
  return server
}
