// A server with users and rooms: who is there, who types, and a wallet that everybody hears of. A token is "secret:" and a name.
import { randomUUID } from 'node:crypto'
import { WebSocketServer } from 'ws'

const PING_MS = Number(process.env.PING_MS ?? 30_000)
const wss = new WebSocketServer({ port: Number(process.env.PORT ?? 8082), host: '127.0.0.1', maxPayload: 64 * 1024 })
const rooms = new Map()
const send = (socket, type, payload) => socket.send(JSON.stringify({ type, payload, timestamp: Date.now() }))
const others = (room, socket) => [...(rooms.get(room) ?? [])].filter((member) => member !== socket)
const users = (room) => [...(rooms.get(room) ?? [])].map(({ user }) => user)

function leave(socket, room) {
  if (!rooms.get(room)?.delete(socket)) return
  for (const member of rooms.get(room)) send(member, 'room_leave', { room, user: socket.user })
}

const handlers = {
  join_room(socket, { room }) {
    if (typeof room !== 'string') return send(socket, 'error', { code: 'unknown_room', message: 'Which room?' })
    if (!rooms.has(room)) rooms.set(room, new Set())
    rooms.get(room).add(socket)
    for (const member of others(room, socket)) send(member, 'room_join', { room, user: socket.user })
    send(socket, 'presence_update', { room, users: users(room) })
  },
  leave_room: (socket, { room }) => leave(socket, room),
  send_message(socket, { room, text }) {
    for (const member of rooms.get(room) ?? []) send(member, 'message', { room, text, user: socket.user })
  },
  typing: (socket, { room }) => others(room, socket).forEach((member) => send(member, 'user_typing', { room, user: socket.user })),
  stop_typing: (socket, { room }) => others(room, socket).forEach((member) => send(member, 'user_stop_typing', { room, user: socket.user })),
  wallet_event(socket, { action, address }) {
    const type = action === 'connect' ? 'wallet_connect' : 'wallet_disconnect'
    for (const client of wss.clients) if (client.user) send(client, type, { address, user: socket.user })
  },
  pong(socket) {
    socket.alive = true
  },
}

wss.on('connection', (socket) => {
  socket.alive = true
  socket.on('error', console.error)
  socket.on('close', () => [...rooms.keys()].forEach((room) => leave(socket, room)))
  socket.on('message', (data) => {
    let message
    try {
      message = JSON.parse(data)
    } catch {
      return send(socket, 'error', { code: 'bad_json', message: 'That is not JSON' })
    }
    const { type, payload = {} } = message ?? {}
    if (type === 'auth') {
      const [word, name] = String(payload?.token).split(':')
      if (word !== 'secret' || !name) return send(socket, 'error', { code: 'unauthorized', message: 'Who are you?' })
      socket.user = { id: name, name }
      return send(socket, 'connection_established', { connectionId: randomUUID(), user: socket.user })
    }
    if (!socket.user) return send(socket, 'error', { code: 'unauthorized', message: 'Say who you are first' })
    if (Object.hasOwn(handlers, type)) handlers[type](socket, payload ?? {})
    else send(socket, 'error', { code: 'unknown_type', message: `What is ${type}?` })
  })
})

setInterval(() => {
  for (const socket of wss.clients) {
    if (socket.alive) socket.send(JSON.stringify({ type: 'ping', timestamp: Date.now() }))
    else socket.terminate()
    socket.alive = false
  }
}, PING_MS)

wss.on('listening', () => console.log(`ws://127.0.0.1:${wss.address().port}`))
