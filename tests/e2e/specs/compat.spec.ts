// The helpers of hand-written applications, with a hand-written server: examples/servers/rooms.mjs.
import { authenticateWebSocket, configureWebSocket, getWebSocketClient, joinWebSocketRoom, leaveWebSocketRoom, notifyWebSocketTyping, realtimeManager, sendWebSocketMessage, webSocketToken } from 'tautline/compat'
import { createClient, presets } from 'tautline/json'
import { WebSocket } from 'ws'
import { expect, test } from '../support/world.ts'

interface Events {
  message: { text: string }
}

test('an application that signs in, joins, writes and types works with a server that it wrote itself', async ({ world }) => {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket')
  Object.defineProperty(globalThis, 'WebSocket', { value: WebSocket, configurable: true, writable: true })
  world.keep(async () => {
    if (before) Object.defineProperty(globalThis, 'WebSocket', before)
    else Reflect.deleteProperty(globalThis, 'WebSocket')
  })
  const server = await world.example('rooms')
  const url = `ws://127.0.0.1:${server.port}`
  const bob = createClient<Events>({ url, protocol: presets.rooms, token: 'secret:bob' })
  configureWebSocket(() => createClient<Events>({ url, protocol: presets.rooms, token: webSocketToken }))
  world.keep(async () => {
    getWebSocketClient().destroy()
    bob.destroy()
  })
  const heard: string[] = []
  const typing: number[] = []
  const lobby = bob.channel('lobby')
  lobby.on('message', ({ text }) => heard.push(text))
  lobby.onTyping((members) => typing.push(members.length))
  bob.connect()
  await expect.poll(() => lobby.status).toBe('subscribed')

  await authenticateWebSocket('secret:ann')
  const room = joinWebSocketRoom<Events>('lobby')
  await expect.poll(() => room.status).toBe('subscribed')
  sendWebSocketMessage('lobby', { text: 'hello' })
  notifyWebSocketTyping('lobby')
  await expect.poll(() => heard).toEqual(['hello'])
  await expect.poll(() => typing[0]).toBe(1)

  // This server takes a token at the beginning only: another user is another connection, in the same rooms.
  await authenticateWebSocket('secret:eve')
  await expect.poll(() => room.status).toBe('subscribed')
  realtimeManager.broadcast('lobby', 'message', { text: 'hello again' })
  await expect.poll(() => heard).toEqual(['hello', 'hello again'])
  leaveWebSocketRoom('lobby')
  await expect.poll(() => room.status).toBe('idle')

  const refused = await authenticateWebSocket('nonsense').catch(({ code }) => code)
  expect(refused).toBe('refused/token-invalid')
})
