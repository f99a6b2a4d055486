// One client on a real socket that is cut again and again. Everything it could leave behind is counted from outside of it.
import { createClient } from 'tautline'
import { ROOMS } from '../frames.js'

const live = { timers: new Set(), sockets: new Set(), memories: [], listeners: 0 }

const { setTimeout, clearTimeout, WebSocket } = globalThis
globalThis.setTimeout = (action, wait, ...rest) => {
  const id = setTimeout((...given) => {
    live.timers.delete(id)
    action(...given)
  }, wait, ...rest)
  live.timers.add(id)
  return id
}
globalThis.clearTimeout = (id) => {
  live.timers.delete(id)
  clearTimeout(id)
}
globalThis.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given)
    live.sockets.add(this)
    this.addEventListener('close', () => live.sockets.delete(this))
  }
}
for (const name of ['addEventListener', 'removeEventListener']) {
  for (const target of [globalThis, document]) {
    const plain = target[name].bind(target)
    target[name] = (...given) => {
      live.listeners += name === 'addEventListener' ? 1 : -1
      plain(...given)
    }
  }
}
const { Instance } = WebAssembly
WebAssembly.Instance = function (module, imports) {
  const instance = new Instance(module, imports)
  // The one that unpacks the core is garbage by the time anybody asks.
  if (imports) live.memories.push(instance.exports.memory)
  return instance
}
WebAssembly.Instance.prototype = Instance.prototype

const heard = { messages: 0, wrong: 0, gaps: 0, acked: 0, failed: 0 }
const last = new Map(ROOMS.map((room) => [room, 0]))
let client

globalThis.bench = {
  open(url) {
    client = createClient({ url, backoff: { minMs: 1, maxMs: 1, stableMs: 0 } })
    client.onLifecycle('gap', () => heard.gaps++)
    client.connect()
    for (const room of ROOMS) {
      client.channel(room).on('message', (_, { offset }) => {
        heard.messages++
        if (offset !== last.get(room) + 1) heard.wrong++
        last.set(room, offset)
      })
    }
  },
  send(count) {
    for (let index = 0; index < count; index++) {
      const { receipt } = client.channel(ROOMS[index & 3]).send('message', { index })
      receipt.then(() => heard.acked++, () => heard.failed++)
    }
  },
  heard: () => heard,
  counts: () => ({
    timers: live.timers.size,
    sockets: live.sockets.size,
    'page listeners': live.listeners,
    'wasm bytes': live.memories.reduce((bytes, { buffer }) => bytes + buffer.byteLength, 0),
    'queued messages': client.getConnectionInfo().queueSize,
  }),
}
