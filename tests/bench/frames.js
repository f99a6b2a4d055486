// What goes over the wire, the same for all who are compared. Runs in pages and in Node.

export const ROOMS = ['room:1', 'room:2', 'room:3', 'room:4']

/** A payload whose JSON is about `size` bytes long: a chat message, or a list of them. */
export function payload(size, index) {
  if (size <= 100) return entry(index)
  const items = []
  for (let length = 30; length + 100 <= size; length += 101) items.push(entry(index + items.length))
  return { id: index, items }
}

/** 100 bytes of JSON for an index of five digits. */
function entry(index) {
  const at = 1_790_000_000_000 + index
  return { id: index, user: `user-${index % 1000}`, text: `the ${index % 977}th word of the story`, at, seen: index % 3 === 0 }
}

/** Message number `index` of a session: the rooms take turns, and each counts its own. */
export function message(size, index) {
  const offset = (index >> 2) + 1
  const text = JSON.stringify(payload(size, index))
  return `{"type":"message","channel":"${ROOMS[index & 3]}","event":"message","offset":${offset},"from":"a3f9c1d2","sender":${281_474_976_710_656 + (index & 3)},"id":${index + 1},"time":${1_790_000_000_000 + index},"payload":${text}}`
}

/** The answers to what a client says first. */
export function answer(frame) {
  const { type, channel } = frame
  if (type === 'hello') {
    return '{"type":"welcome","connection":"c-1","member":"b4e8d2c1","resumed":false,"heartbeat":25000,"timeout":10000,"limits":{"frame":1048576,"rate":1000000000,"per":1000}}'
  }
  if (type === 'subscribe') {
    const epoch = frame.epoch ?? 'e1'
    const offset = frame.offset ?? 0
    return JSON.stringify({ type: 'subscribed', channel, epoch, offset, latest: offset, recovered: true })
  }
  if (type === 'publish') return ack(frame.id, channel)
  return type === 'ping' ? '{"type":"pong"}' : undefined
}

export function ack(id, channel) {
  return `{"type":"ack","id":${id},"channel":"${channel}","epoch":"e1","offset":${id},"time":${1_790_000_000_000 + id}}`
}
