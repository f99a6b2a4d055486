// A real socket, and every client that is compared behind it: each hands over the payloads of four rooms.
import { Centrifuge } from 'centrifuge'
import ReconnectingWebSocket from 'partysocket/ws'
import { io } from 'socket.io-client'
import { createClient } from 'tautline'
import { ROOMS } from '../frames.js'
import { Hand } from './hand.js'

let heard = 0
let sum = 0
let target = 0
let reached = () => {}
const listener = (payload) => {
  sum += payload.id
  if (++heard === target) reached()
}

const all = (opens) => Promise.all(ROOMS.map((room) => new Promise((resolve) => opens(room, resolve))))

const variants = {
  hand: (url) => new Hand(new WebSocket(url, ['tautline.v1']), ROOMS, listener).ready,
  tautline(url) {
    const client = createClient({ url })
    client.connect()
    return all((room, resolve) => {
      const channel = client.channel(room)
      channel.on('message', listener)
      channel.onStatus((status) => status === 'subscribed' && resolve())
    })
  },
  'socket.io'(url) {
    const socket = io(url, { transports: ['websocket'] })
    for (const room of ROOMS) socket.on(room, listener)
    return new Promise((resolve) => socket.on('connect', resolve))
  },
  centrifuge(url) {
    const client = new Centrifuge(url)
    client.connect()
    return all((room, resolve) => {
      const subscription = client.newSubscription(room)
      subscription.on('publication', ({ data }) => listener(data))
      subscription.on('subscribed', resolve)
      subscription.subscribe()
    })
  },
  // It brings the socket that comes back; what the frames mean is left to its user.
  partysocket(url) {
    const socket = new ReconnectingWebSocket(url, ['tautline.v1'])
    const hand = new Hand(socket, ROOMS, listener)
    socket.addEventListener('open', socket.onopen)
    socket.addEventListener('message', ({ data }) => hand.hear(data))
    socket.onopen = null
    socket.onmessage = null
    return hand.ready
  },
}

globalThis.bench = {
  open: (variant, url) => variants[variant](url),
  delivered: () => ({ heard, sum }),
  /** Resolves when so many have come in all. */
  heard: (count) =>
    new Promise((resolve) => {
      target = count
      reached = resolve
      if (heard >= count) resolve()
    }),
}
