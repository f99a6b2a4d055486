// Sending into a socket without a network. Chunks fit into the window of unacknowledged messages, and are acknowledged in between.
import { createClient } from 'tautline'
import { ack, payload, ROOMS } from '../frames.js'
import { event, FakeSocket } from './fake-socket.js'
import { Hand } from './hand.js'

globalThis.WebSocket = FakeSocket

const CHUNK = 200
const [room] = ROOMS
/** Each has a socket, and a loop of its own, which the engine makes fast for it alone. */
const senders = {}
let payloads
let sent = 0
let letters = 0

async function byHand() {
  const socket = new FakeSocket()
  const hand = new Hand(socket, [room], () => {})
  await hand.ready
  return { socket, hand }
}

globalThis.bench = {
  async open(size) {
    payloads = Array.from({ length: CHUNK }, (_, index) => payload(size, 10_000 + index))
    const client = createClient({ url: 'ws://127.0.0.1:9/', heartbeat: { intervalMs: 3_600_000 } })
    const channel = client.channel(room)
    client.connect()
    await new Promise((resolve) => client.onConnectionStateChange(({ status }) => status === 'connected' && resolve()))
    senders.tautline = {
      socket: FakeSocket.last,
      send() {
        for (const one of payloads) channel.send('message', one)
      },
    }
    const { socket, hand } = await byHand()
    senders.hand = {
      socket,
      send() {
        for (const one of payloads) hand.deliver(room, 'message', one)
      },
    }
    // Writes the frame and promises nothing.
    const { hand: writer } = await byHand()
    senders.stringify = {
      send() {
        for (const one of payloads) writer.send(room, 'message', one)
      },
    }
    FakeSocket.sink = (data) => {
      sent++
      letters += data.length
    }
  },
  /** Microseconds of each send, by sender and chunk: of the calls, and of their acknowledgements. */
  run(chunks) {
    const names = Object.keys(senders)
    const calls = Object.fromEntries(names.map((name) => [name, []]))
    const acks = Object.fromEntries(names.map((name) => [name, []]))
    for (let chunk = 0; chunk < chunks; chunk++) {
      const written = new Set()
      for (const index of names.keys()) {
        const name = names[(index + chunk) % names.length]
        const { socket, send } = senders[name]
        const first = (senders[name].next ??= 1)
        senders[name].next += CHUNK
        sent = letters = 0
        const started = performance.now()
        send()
        calls[name].push(((performance.now() - started) * 1000) / CHUNK)
        written.add(letters)
        if (sent !== CHUNK || written.size > 1) throw new Error(`${name}: ${sent} of ${CHUNK} messages left, ${[...written]} letters`)
        if (!socket) continue
        const answers = payloads.map((_, place) => event(ack(first + place, room)))
        const answering = performance.now()
        for (const answer of answers) socket.onmessage(answer)
        acks[name].push(((performance.now() - answering) * 1000) / CHUNK)
      }
    }
    return { calls, acks }
  },
}
