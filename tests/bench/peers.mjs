// The server of every client that is compared: the least of its protocol, and then as many frames as the benchmark wants.
import { WebSocketServer } from 'ws'
import { answer, payload, ROOMS, message } from './frames.js'

/** Takes the WebSockets of a site. `current` is the last one. */
export class Peers {
  current = undefined
  #server = new WebSocketServer({ noServer: true, perMessageDeflate: false, handleProtocols: ([first]) => first })

  constructor(server) {
    server.on('upgrade', (request, stream, head) => {
      this.#server.handleUpgrade(request, stream, head, (socket) => {
        this.current = { socket, stream }
        stream.setNoDelay(true)
        const talk = talks[/^\/([a-z.]+)/.exec(request.url)?.[1]] ?? tautline
        talk((text) => socket.send(text), (listener) => socket.on('message', (data) => listener(String(data))))
      })
    })
  }

  /** Writes bytes past the WebSocket library: `frames` made them. */
  blast(bytes) {
    this.current.stream.write(bytes)
  }
}

function tautline(send, hear) {
  hear((text) => {
    const said = answer(JSON.parse(text))
    if (said) send(said)
  })
}

const talks = {
  'socket.io'(send, hear) {
    send('0{"sid":"s1","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}')
    hear((text) => {
      if (text === '40') send('40{"sid":"s2"}')
    })
  },
  centrifuge(send, hear) {
    hear((text) => {
      const replies = text.split('\n').map((line) => {
        const { id, connect, subscribe } = JSON.parse(line)
        if (connect) return { id, connect: { client: 'c1', version: '6', ping: 25, pong: true } }
        if (subscribe) return { id, subscribe: { recoverable: true, epoch: 'e1', positioned: true } }
        return { id }
      })
      send(replies.map((reply) => JSON.stringify(reply)).join('\n'))
    })
  },
}

const texts = {
  'socket.io': (size, index) => `42["${ROOMS[index & 3]}",${JSON.stringify(payload(size, index))}]`,
  centrifuge: (size, index) =>
    `{"push":{"channel":"${ROOMS[index & 3]}","pub":{"data":${JSON.stringify(payload(size, index))},"offset":${(index >> 2) + 1}}}}`,
}

/** Messages as one piece of bytes on the wire. */
export function frames(variant, size, from, count) {
  const text = texts[variant] ?? message
  return Buffer.concat(Array.from({ length: count }, (_, index) => frame(text(size, from + index))))
}

/** A text frame as servers send it: final, not masked. Shorter than 64 kB. */
function frame(text) {
  const length = Buffer.byteLength(text)
  const header = length < 126 ? [0x81, length] : [0x81, 126, length >> 8, length & 255]
  return Buffer.concat([Buffer.from(header), Buffer.from(text)])
}
