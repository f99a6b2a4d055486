// Prints what is in every core that the package compiles, and how many there are.
import { createClient } from 'tautline'
import { createGateway } from 'tautline/discord'
import { createClient as createJsonClient } from 'tautline/json'
import { TautlineSocket } from 'tautline/websocket'

/** Never opens. */
class Silent extends EventTarget {
  close() {}
}

const cores = []
const { Module } = WebAssembly
WebAssembly.Module = function (code) {
  // What unpacks them is smaller.
  if (code.length > 10_000) cores.push(Buffer.from(code).toString('latin1'))
  return new Module(code)
}
globalThis.WebSocket = Silent
const url = 'ws://127.0.0.1:9/'
for (const connection of [createClient({ url }), createJsonClient({ url }), createGateway({ url, token: 'none', intents: 0 })]) {
  connection.connect()
  connection.destroy()
}
new TautlineSocket(url).close()
console.log(cores.join('\n'))
console.log(`${cores.length} cores`)
