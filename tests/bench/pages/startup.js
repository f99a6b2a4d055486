// The first use of the core: its bytes are unpacked, compiled and instantiated, and a client is made of it.
import { createClient } from 'tautline'
import { FakeSocket } from './fake-socket.js'

globalThis.WebSocket = FakeSocket

const { Module, Instance } = WebAssembly
let client
let core
let stops = false
WebAssembly.Module = function (bytes) {
  core = bytes
  return new Module(bytes)
}
WebAssembly.Instance = function (module, imports) {
  const instance = new Instance(module, imports)
  // Of the two, the unpacker imports nothing.
  if (stops && imports) throw new Error('The core stands, and no more is to be measured.')
  return instance
}

globalThis.bench = {
  open() {
    // The first URL of a page costs 0.2 ms, whoever makes it.
    new URL('ws://127.0.0.1:9/', location.href)
    client = createClient({ url: 'ws://127.0.0.1:9/' })
  },
  /** The whole call, or until the core stands. */
  connect(whole) {
    stops = !whole
    client.connect()
    if (whole !== (client.state.status === 'connecting')) throw new Error(`came: ${client.state.status}`)
  },
  /** The core as base64. */
  core: () => btoa(String.fromCharCode(...core)),
  keep(text) {
    core = text
  },
  /** The same core where it is not packed, until an instance of it stands. */
  plain() {
    const letters = atob(core)
    const bytes = new Uint8Array(letters.length)
    for (let index = 0; index < letters.length; index++) bytes[index] = letters.charCodeAt(index)
    // Whatever is imported is a function that nobody calls.
    const imports = new Proxy({}, { get: () => () => {} })
    new Instance(new Module(bytes), new Proxy({}, { get: () => imports }))
  },
}
