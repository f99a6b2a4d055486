// What the relay is compared with: a hub on Node and `ws` that numbers, keeps and hands on messages, written with care and
// without resume, presence, tokens or limits.
import { once } from 'node:events'
import { WebSocketServer } from 'ws'
import { answer } from './frames.js'

const HISTORY = 1_000

const channels = new Map()
const channel = (name) => {
  let found = channels.get(name)
  if (!found) channels.set(name, (found = { offset: 0, history: [], subscribers: new Set() }))
  return found
}

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false, handleProtocols: ([first]) => first })
server.on('connection', (socket) => {
  const joined = new Set()
  socket.on('close', () => joined.forEach((one) => one.subscribers.delete(socket)))
  socket.on('message', (data) => {
    const frame = JSON.parse(data)
    if (frame.type !== 'publish') {
      if (frame.type === 'subscribe') {
        const one = channel(frame.channel)
        one.subscribers.add(socket)
        joined.add(one)
      }
      const said = answer(frame)
      if (said) socket.send(said)
      return
    }
    const { id, event, payload } = frame
    const one = channel(frame.channel)
    const offset = ++one.offset
    const time = Date.now()
    socket.send(JSON.stringify({ type: 'ack', id, channel: frame.channel, epoch: 'e1', offset, time }))
    const message = { type: 'message', channel: frame.channel, event, offset, from: 'a3f9c1d2', sender: 1, id, time, payload }
    // As bytes, once for all.
    const bytes = Buffer.from(JSON.stringify(message))
    one.history.push(bytes)
    if (one.history.length > HISTORY) one.history.shift()
    for (const subscriber of one.subscribers) subscriber.send(bytes, { binary: false })
  })
})
await once(server, 'listening')
console.log(`listening on http://127.0.0.1:${server.address().port}`)
