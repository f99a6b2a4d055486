// A WebSocket without a network: its server is in the same page and answers at once.
import { answer } from '../frames.js'

export class FakeSocket {
  static last
  /** Takes what clients publish; everything else is answered. */
  static sink
  onopen = null
  onmessage = null
  onclose = null
  readyState = 0
  bufferedAmount = 0
  binaryType = 'blob'

  constructor() {
    FakeSocket.last = this
    queueMicrotask(() => {
      this.readyState = 1
      this.onopen({})
    })
  }

  send(data) {
    // Both have to be read to their end, as a real socket would.
    if (FakeSocket.sink) return FakeSocket.sink(data, data.charCodeAt(data.length - 1))
    const said = answer(JSON.parse(data))
    if (said) queueMicrotask(() => this.onmessage(event(said)))
  }

  close() {
    this.readyState = 3
  }
}

/** Copied, because a string that was put together would be flattened by whoever reads it first. */
export function event(text) {
  return new MessageEvent('message', { data: new TextDecoder().decode(new TextEncoder().encode(text)) })
}
