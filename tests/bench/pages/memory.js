// Many messages through one client. The memories of all wasm in the page are known, because it is compiled after this.
import { createClient } from 'tautline'
import { message, ROOMS } from '../frames.js'
import { event, FakeSocket } from './fake-socket.js'

globalThis.WebSocket = FakeSocket

const memories = []
const { Instance } = WebAssembly
WebAssembly.Instance = function (module, imports) {
  const instance = new Instance(module, imports)
  // The one that unpacks the core is garbage by the time anybody asks.
  if (imports) memories.push(instance.exports.memory)
  return instance
}
WebAssembly.Instance.prototype = Instance.prototype

let heard = 0

globalThis.bench = {
  async open() {
    const client = createClient({ url: 'ws://127.0.0.1:9/' })
    client.connect()
    const joined = ROOMS.map((room) => new Promise((resolve) => {
      const channel = client.channel(room)
      channel.on('message', () => heard++)
      channel.onStatus((status) => status === 'subscribed' && resolve())
    }))
    await Promise.all(joined)
  },
  run(from, count) {
    for (let index = from; index < from + count; index++) FakeSocket.last.onmessage(event(message(100, index)))
    return heard
  },
  wasm: () => memories.reduce((bytes, memory) => bytes + memory.buffer.byteLength, 0),
}
