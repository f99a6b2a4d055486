// channels.mjs with acknowledgements: what is sent again after a lost connection is not passed on again.
import { WebSocketServer } from 'ws'

const wss = new WebSocketServer({ port: Number(process.env.PORT ?? 8081), host: '127.0.0.1', maxPayload: 64 * 1024 })
const channels = new Map()
const seen = new Set()

// Whether a message is new. The last 10,000 are remembered.
function isNew(id) {
  if (seen.has(id)) return false
  seen.add(id)
  if (seen.size > 10_000) seen.delete(seen.values().next().value)
  return true
}

function send(socket, type, payload) {
  socket.send(JSON.stringify({ type, payload, timestamp: Date.now() }))
}

wss.on('connection', (socket) => {
  socket.on('error', console.error)
  socket.on('close', () => {
    for (const members of channels.values()) members.delete(socket)
  })
  socket.on('message', (data) => {
    let message
    try {
      message = JSON.parse(data)
    } catch {
      return send(socket, 'error', { message: 'That is not JSON' })
    }
    const { type, channel, event, payload, id } = message ?? {}
    switch (type) {
      case 'subscribe':
        if (!channels.has(channel)) channels.set(channel, new Set())
        channels.get(channel).add(socket)
        break
      case 'channel_message':
        if (isNew(id)) for (const member of channels.get(channel) ?? []) send(member, event, payload)
        socket.send(JSON.stringify({ type: 'ack', id }))
        break
      case 'ping':
        socket.send(JSON.stringify({ type: 'pong', timestamp: Date.now() }))
        break
    }
  })
})

wss.on('listening', () => console.log(`ws://127.0.0.1:${wss.address().port}`))
