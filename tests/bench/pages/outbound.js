// Sending into a socket without a network. Chunks fit into the window of unacknowledged messages, and are acknowledged in between.
import { createClient } from 'tautline'
import { ack, payload, ROOMS } from '../frames.js'
import { event, FakeSocket } from './fake-socket.js'
import { Hand } from './hand.js'

globalThis.WebSocket = FakeSocket

const CHUNK = 200
const [room] = ROOMS
let send
let sent = 0
let letters = 0
let payloads

globalThis.bench = {
  async open(variant, size) {
    payloads = Array.from({ length: CHUNK }, (_, index) => payload(size, 10_000 + index))
    if (variant !== 'tautline') {
      const hand = new Hand(new FakeSocket(), [room], () => {})
      await hand.ready
      // 'stringify' writes the frame and promises nothing.
      send = variant === 'hand' ? (one) => hand.deliver(room, 'message', one) : (one) => hand.send(room, 'message', one)
    } else {
      const client = createClient({ url: 'ws://127.0.0.1:9/', heartbeat: { intervalMs: 3_600_000 } })
      const channel = client.channel(room)
      client.connect()
      await new Promise((resolve) => client.onConnectionStateChange(({ status }) => status === 'connected' && resolve()))
      send = (one) => channel.send('message', one)
    }
    FakeSocket.sink = (data) => {
      sent++
      letters += data.length
    }
  },
  /** Microseconds of each send, by chunk: first of the calls, then of the acknowledgements. */
  run(chunks) {
    const calls = []
    const acks = []
    for (let chunk = 0; chunk < chunks; chunk++) {
      const before = sent
      const started = performance.now()
      for (const one of payloads) send(one)
      const called = performance.now()
      if (sent - before !== CHUNK) throw new Error(`${sent - before} of ${CHUNK} messages left`)
      const answers = payloads.map((_, index) => event(ack(before + index + 1, room)))
      const socket = FakeSocket.last
      const answering = performance.now()
      for (const answer of answers) socket.onmessage(answer)
      const answered = performance.now()
      calls.push(((called - started) * 1000) / CHUNK)
      acks.push(((answered - answering) * 1000) / CHUNK)
    }
    return [calls, acks]
  },
  letters: () => letters,
}
