// Scripts written for reconnecting-websocket and partysocket, run with the import changed and with nothing else changed.
import * as party from 'partysocket'
import ReconnectingWebSocket from 'reconnecting-websocket'
import * as tautline from 'tautline/websocket'
import TautlineSocket from 'tautline/websocket'
import WebSocket from 'ws'
import { EchoServer } from '../support/echo-server.ts'
import { expect, test, type World } from '../support/world.ts'

async function echo(world: World): Promise<EchoServer> {
  const server = await EchoServer.start()
  world.keep(() => server.close())
  return server
}

/** As an application would write it against reconnecting-websocket 4.4. */
async function reconnecting(RWS: typeof ReconnectingWebSocket, server: EchoServer): Promise<string[]> {
  const events: string[] = []
  const seen = (start: string, count: number): Promise<void> =>
    expect.poll(() => events.filter((event) => event.startsWith(start)).length, events.join('; ')).toBeGreaterThanOrEqual(count)
  const url = `ws://127.0.0.1:${server.port}/`
  const urls = [url, `${url}second`]
  let asked = 0
  const rws = new RWS(async () => urls[asked++ % 2] as string, ['echo.v1'], {
    WebSocket,
    maxReconnectionDelay: 100,
    minReconnectionDelay: 20,
    reconnectionDelayGrowFactor: 1.3,
    minUptime: 60_000,
    connectionTimeout: 4000,
    maxRetries: 10,
    maxEnqueuedMessages: 2,
    debug: false,
  })
  rws.binaryType = 'arraybuffer'
  events.push(`${rws.readyState} ${rws.retryCount} ${rws.bufferedAmount} "${rws.url}"`)
  rws.onopen = () => events.push(`open ${rws.readyState} ${rws.protocol} ${rws.retryCount} ${rws.url === url}`)
  rws.onclose = ({ code, reason }) => events.push(`close ${code} ${reason}`)
  rws.onmessage = ({ data }) => events.push(`message ${typeof data === 'string' ? data : (data as ArrayBuffer).byteLength}`)
  for (const text of ['one', 'two', 'three, for which there is no room']) rws.send(text)
  await seen('message', 2)
  rws.send(new Uint8Array([1, 2, 3]))
  await seen('message', 3)
  server.drop()
  await seen('close', 1)
  events.push(`after a loss ${rws.retryCount}`)
  rws.send('while down')
  await seen('message', 4)
  rws.reconnect(4002, 'my wish')
  events.push('reconnect')
  await seen('open', 3)
  rws.close(4003, 'farewell')
  await seen('close', 3)
  events.push(`${rws.readyState}`)
  return events
}

/** As an application would write it against partysocket 1.3. */
async function parties(module: Pick<typeof party, 'WebSocket'>, server: EchoServer): Promise<string[]> {
  const events: string[] = []
  const seen = (start: string, count: number): Promise<void> =>
    expect.poll(() => events.filter((event) => event.startsWith(start)).length, events.join('; ')).toBeGreaterThanOrEqual(count)
  const socket = new module.WebSocket(
    () => `ws://127.0.0.1:${server.port}/close`,
    async () => ['echo.v1'],
    {
      WebSocket,
      startClosed: true,
      minReconnectionDelay: 20,
      maxReconnectionDelay: 100,
      shouldReconnectOnClose: ({ code, reason }) => {
        events.push(`asked ${code}`)
        return code !== 4001
      },
      debug: true,
      debugLogger: () => {},
    },
  )
  socket.addEventListener('open', () => events.push(`open ${socket.readyState} ${socket.protocol}`))
  socket.addEventListener('message', ({ data }) => events.push(`message ${data}`))
  // Where no close frame came, the words are not the standard's in Node.
  socket.addEventListener('close', ({ code, reason, wasClean }) => events.push(`close ${code} ${code === 1006 || `${reason} ${wasClean}`}`))
  events.push(`${socket.readyState} ${socket.shouldReconnect}`)
  events.push(`queued ${socket.send('to be taken back')}`)
  events.push(`drained ${JSON.stringify(socket.drainQueuedMessages())}`)
  socket.reconnect()
  await seen('open', 1)
  server.drop()
  await seen('close', 1)
  events.push(`again ${socket.shouldReconnect}`)
  await seen('open', 2)
  events.push(`sent ${socket.send('end it')}`)
  await seen('close', 2)
  events.push(`${socket.readyState} ${server.heard.join()}`)
  return events
}

test('a script written for reconnecting-websocket hears the same with another import', async ({ world }) => {
  const theirs = await reconnecting(ReconnectingWebSocket, await echo(world))
  const ours = await reconnecting(TautlineSocket as unknown as typeof ReconnectingWebSocket, await echo(world))
  expect(theirs.length).toBeGreaterThan(10)
  expect(ours).toEqual(theirs)
})

test('a script written for partysocket hears the same with another import', async ({ world }) => {
  const theirs = await parties(party, await echo(world))
  const ours = await parties(tautline as unknown as typeof party, await echo(world))
  expect(theirs.length).toBeGreaterThan(8)
  expect(ours).toEqual(theirs)
})
