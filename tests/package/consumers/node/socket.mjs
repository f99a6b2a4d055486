import assert from 'node:assert/strict'
import ReconnectingWebSocket, { TautlineSocket, WebSocket as Alias } from 'tautline/websocket'

/** A connection to itself. */
class Loopback extends EventTarget {
  protocol = ''
  extensions = ''
  bufferedAmount = 0
  constructor() {
    super()
    setTimeout(() => this.onopen?.())
  }
  send(data) {
    setTimeout(() => this.onmessage?.({ data }))
  }
  close(code, reason) {
    setTimeout(() => {
      const event = Object.assign(new Event('close'), { code, reason, wasClean: true })
      this.dispatchEvent(event)
      this.onclose?.(event)
    })
  }
}

assert.equal(ReconnectingWebSocket, TautlineSocket)
assert.equal(Alias, TautlineSocket)
const socket = new TautlineSocket('ws://127.0.0.1/', [], { WebSocket: Loopback })
socket.send('hello')
const heard = await new Promise((resolve) => socket.addEventListener('message', ({ data }) => resolve(data), { once: true }))
assert.equal(heard, 'hello')
socket.close(3000, 'done')
const { code, reason } = await new Promise((resolve) => (socket.onclose = resolve))
assert.deepEqual([code, reason], [3000, 'done'])
assert.equal(socket.readyState, TautlineSocket.CLOSED)
// Node before 22 has no WebSocket, and is told so where the socket is made.
if (typeof WebSocket === 'undefined') assert.throws(() => new TautlineSocket('ws://127.0.0.1/'), { name: 'NotSupportedError' })
