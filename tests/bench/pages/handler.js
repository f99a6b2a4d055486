// Prebuilt events into the handler of a socket: what a message costs once the browser has delivered it.
import { createClient } from 'tautline'
import { message, ROOMS } from '../frames.js'
import { event, FakeSocket } from './fake-socket.js'
import { Hand } from './hand.js'

globalThis.WebSocket = FakeSocket

let heard = 0
let sum = 0
const listener = (payload) => {
  heard++
  sum += payload.id
}
let events

globalThis.bench = {
  async open(variant) {
    if (variant === 'hand') return new Hand(new FakeSocket(), ROOMS, listener).ready
    const client = createClient({ url: 'ws://127.0.0.1:9/' })
    client.connect()
    const joined = ROOMS.map((room) => new Promise((resolve) => {
      const channel = client.channel(room)
      channel.on('message', listener)
      channel.onStatus((status) => status === 'subscribed' && resolve())
    }))
    await Promise.all(joined)
  },
  prepare(size, from, count) {
    events = Array.from({ length: count }, (_, index) => event(message(size, from + index)))
  },
  run() {
    const before = heard
    const socket = FakeSocket.last
    for (const one of events) socket.onmessage(one)
    if (heard - before !== events.length) throw new Error(`${heard - before} of ${events.length} messages came`)
    events = undefined
  },
  delivered: () => ({ heard, sum }),
}
