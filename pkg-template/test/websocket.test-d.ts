/** Where a `WebSocket` is taken, a `TautlineSocket` is; `npm run typecheck` is the test. */
import { expectTypeOf } from 'vitest'
import DefaultExport, { TautlineSocket, type TautlineSocketOptions, WebSocket as Alias } from '../src/websocket/index.ts'

const constructor: typeof WebSocket = TautlineSocket
const bound: typeof WebSocket = TautlineSocket.with({ maxRetries: 3 })
const socket: WebSocket = new TautlineSocket('wss://example.com/')
expectTypeOf(DefaultExport).toEqualTypeOf<typeof TautlineSocket>()
expectTypeOf(Alias).toEqualTypeOf<typeof TautlineSocket>()
new constructor('wss://example.com/', ['v1'])
new bound('wss://example.com/', 'v1')

const ours = new TautlineSocket(async () => new URL('wss://example.com/'), () => null, { WebSocket: class {} })
ours.addEventListener('message', (event) => expectTypeOf(event).toEqualTypeOf<MessageEvent>())
ours.addEventListener('close', { handleEvent: (event) => expectTypeOf(event).toEqualTypeOf<CloseEvent>() }, { once: true })
ours.addEventListener('drop', ({ data }) => expectTypeOf(data).not.toBeAny())
ours.onmessage = ({ data }) => data
expectTypeOf(ours.send('x')).toEqualTypeOf<boolean>()
socket.send(new Blob([]))
// @ts-expect-error: no such message
ours.send({ text: 'hello' })
// @ts-expect-error: no such option
const options: TautlineSocketOptions = { maxRetry: 3 }
expectTypeOf(options).not.toBeAny()
