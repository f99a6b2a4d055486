// One message in flight: from the call to its acknowledgement.
import { createClient } from 'tautline'
import { payload, ROOMS } from '../frames.js'
import { Hand } from './hand.js'

/** So many in a row before it is the other's turn. */
const TURN = 100
const [room] = ROOMS
const asking = {}

globalThis.bench = {
  async open(url) {
    const hand = new Hand(new WebSocket(url, ['tautline.v1']), [], () => {})
    await hand.ready
    asking.hand = (one) => hand.deliver(room, 'message', one)
    const client = createClient({ url })
    const channel = client.channel(room)
    client.connect()
    await new Promise((resolve) => client.onConnectionStateChange(({ status }) => status === 'connected' && resolve()))
    asking.tautline = (one) => channel.send('message', one).receipt
  },
  /** Microseconds of each, by who asked. */
  async run(turns) {
    const times = { hand: [], tautline: [] }
    for (let turn = 0; turn < turns; turn++) {
      for (const name of turn % 2 ? ['hand', 'tautline'] : ['tautline', 'hand']) {
        const ask = asking[name]
        for (let index = 0; index < TURN; index++) {
          const started = performance.now()
          await ask(payload(100, index))
          times[name].push((performance.now() - started) * 1000)
        }
      }
    }
    return times
  },
}
