// A chat server that speaks the way Discord does: events in capitals, shards, heartbeats of its own. A token is "secret:" and a name.
import { randomUUID } from 'node:crypto'
import { WebSocketServer } from 'ws'

const HEARTBEAT_MS = Number(process.env.HEARTBEAT_MS ?? 30_000)
const SHARDS = 4
const wss = new WebSocketServer({ port: Number(process.env.PORT ?? 8083), host: '127.0.0.1', maxPayload: 64 * 1024 })
const channels = new Map()
let connections = 0

function send(socket, type, payload) {
  socket.send(JSON.stringify({ type, payload, timestamp: Date.now() }))
}

function tell(sockets, type, payload) {
  for (const socket of sockets) if (socket.userId) send(socket, type, payload)
}

function refuse(socket, code, message) {
  send(socket, 'ERROR', { code, message })
}

const others = (sockets, socket) => [...sockets].filter((other) => other !== socket)
const members = (channelId) => channels.get(channelId) ?? []

const handlers = {
  CHANNEL_SUBSCRIBE(socket, { channelId }) {
    if (typeof channelId !== 'string') return refuse(socket, 'UNKNOWN_CHANNEL', 'Which channel?')
    if (!channels.has(channelId)) channels.set(channelId, new Set())
    channels.get(channelId).add(socket)
  },
  CHANNEL_UNSUBSCRIBE: (socket, { channelId }) => channels.get(channelId)?.delete(socket),
  MESSAGE_SEND(socket, { channelId, text }) {
    if (!text) return refuse(socket, 'EMPTY_MESSAGE', 'Say something.')
    tell(members(channelId), 'MESSAGE_RECEIVED', { messageId: randomUUID(), channelId, userId: socket.userId, text })
  },
  TYPING_START: (socket, { channelId }) => tell(others(members(channelId), socket), 'TYPING_STARTED', { channelId, userId: socket.userId }),
  TYPING_STOP: (socket, { channelId }) => tell(others(members(channelId), socket), 'TYPING_STOPPED', { channelId, userId: socket.userId }),
  STORAGE_SET(socket, { key, value }) {
    tell([...wss.clients].filter(({ userId }) => userId === socket.userId), 'STORAGE_UPDATED', { key, value })
  },
  HEARTBEAT(socket) {
    socket.alive = true
  },
}

wss.on('connection', (socket) => {
  socket.alive = true
  socket.on('error', console.error)
  socket.on('close', () => {
    for (const sockets of channels.values()) sockets.delete(socket)
    if (socket.userId) tell(others(wss.clients, socket), 'USER_LEFT', { userId: socket.userId })
  })
  socket.on('message', (data) => {
    let message
    try {
      message = JSON.parse(data)
    } catch {
      return refuse(socket, 'BAD_JSON', 'That is not JSON.')
    }
    const { type, payload } = message ?? {}
    if (type === 'AUTHENTICATE') {
      const [word, name] = String(payload?.token).split(':')
      if (word !== 'secret' || !name) return refuse(socket, 'UNAUTHORIZED', 'Who are you?')
      socket.userId = name
      const shardId = connections++ % SHARDS
      send(socket, 'CONNECTION_ESTABLISHED', { connectionId: randomUUID(), userId: name, shardId, shardCount: SHARDS, heartbeatInterval: HEARTBEAT_MS })
      return tell(others(wss.clients, socket), 'USER_JOINED', { userId: name })
    }
    if (!socket.userId) return refuse(socket, 'UNAUTHORIZED', 'Say who you are first.')
    if (Object.hasOwn(handlers, type)) handlers[type](socket, payload ?? {})
    else refuse(socket, 'UNKNOWN_TYPE', `What is ${type}?`)
  })
})

setInterval(() => {
  for (const socket of wss.clients) {
    if (socket.alive) socket.send(JSON.stringify({ type: 'HEARTBEAT', timestamp: Date.now() }))
    else socket.terminate()
    socket.alive = false
  }
}, HEARTBEAT_MS)

wss.on('listening', () => console.log(`ws://127.0.0.1:${wss.address().port}`))
