// The first use of the core: its bytes are decoded, unpacked, compiled and instantiated, and a client is made of it.
import { createClient } from 'tautline'
import { FakeSocket } from './fake-socket.js'

globalThis.WebSocket = FakeSocket

globalThis.bench = {
  run() {
    const client = createClient({ url: 'ws://127.0.0.1:9/' })
    const started = performance.now()
    client.connect()
    return performance.now() - started
  },
}
