// One message in flight: from the call to its acknowledgement.
import { createClient } from 'tautline'
import { payload, ROOMS } from '../frames.js'
import { Hand } from './hand.js'

const [room] = ROOMS
let ask

globalThis.bench = {
  async open(variant, url) {
    if (variant === 'hand') {
      const hand = new Hand(new WebSocket(url, ['tautline.v1']), [], () => {})
      await hand.ready
      ask = (one) => hand.deliver(room, 'message', one)
      return
    }
    const client = createClient({ url })
    const channel = client.channel(room)
    client.connect()
    await new Promise((resolve) => client.onConnectionStateChange(({ status }) => status === 'connected' && resolve()))
    ask = (one) => channel.send('message', one).receipt
  },
  async run(count) {
    const times = []
    for (let index = 0; index < count; index++) {
      const started = performance.now()
      await ask(payload(100, index))
      times.push((performance.now() - started) * 1000)
    }
    return times
  },
}
