// Many subscribers on raw sockets: they count frames and read none, so that the server is what is measured.
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'

/** A WebSocket that counts the frames it gets. */
export class Listener {
  frames = 0
  #socket
  /** Bytes of the present frame that are still to come. */
  #missing = 0
  #rest = Buffer.alloc(0)
  #waiting

  static async join(port, room) {
    const listener = new Listener()
    const socket = connect(port, '127.0.0.1')
    listener.#socket = socket
    socket.setNoDelay(true)
    socket.write(
      `GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
        `Sec-WebSocket-Protocol: tautline.v1\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    )
    await new Promise((resolve, reject) => {
      socket.once('error', reject)
      const read = (bytes) => {
        listener.#rest = Buffer.concat([listener.#rest, bytes])
        const end = listener.#rest.indexOf('\r\n\r\n')
        if (end < 0) return
        socket.off('data', read)
        const rest = listener.#rest.subarray(end + 4)
        listener.#rest = Buffer.alloc(0)
        socket.on('data', (bytes) => listener.#read(bytes))
        if (rest.length > 0) listener.#read(rest)
        resolve()
      }
      socket.on('data', read)
    })
    listener.say({ type: 'hello', session: randomBytes(16).toString('hex') })
    await listener.heard(1)
    listener.say({ type: 'subscribe', channel: room })
    await listener.heard(2)
    return listener
  }

  say(frame) {
    const text = Buffer.from(JSON.stringify(frame))
    const length = text.length < 126 ? [0x80 | text.length] : [0x80 | 126, text.length >> 8, text.length & 255]
    // Masked with zeros, which change nothing.
    this.#socket.write(Buffer.concat([Buffer.from([0x81, ...length, 0, 0, 0, 0]), text]))
  }

  /** Resolves when so many frames have come in all. */
  heard(count) {
    return new Promise((resolve) => {
      if (this.frames >= count) resolve()
      else this.#waiting = { count, resolve }
    })
  }

  leave() {
    this.#socket.destroy()
  }

  #read(bytes) {
    let at = 0
    if (this.#rest.length > 0) {
      bytes = Buffer.concat([this.#rest, bytes])
      this.#rest = Buffer.alloc(0)
    }
    for (;;) {
      const step = Math.min(this.#missing, bytes.length - at)
      at += step
      this.#missing -= step
      if (this.#missing > 0 || at === bytes.length) break
      const short = bytes[at + 1] & 127
      if (bytes.length - at < (short === 126 ? 4 : 2)) {
        this.#rest = bytes.subarray(at)
        break
      }
      this.#missing = short === 126 ? 4 + bytes.readUInt16BE(at + 2) : 2 + short
      this.frames++
    }
    if (this.#waiting && this.frames >= this.#waiting.count) {
      const { resolve } = this.#waiting
      this.#waiting = undefined
      resolve()
    }
  }
}
