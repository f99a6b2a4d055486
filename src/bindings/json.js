// Reads and writes the frames of hand-written servers, whose places are configuration: JavaScript's half of `Host` for them.
import { NO_HEADER } from '../browser/socket.js'
import { Frames as Base, member, report } from './frames.js'

const BROKEN = -1
const ACKED = 7
const [NUMBER, CHANNEL, WORD, PAYLOAD, MEMBERS] = [0, 1, 2, 3, 4]

/** One per client: knows where things stand, the channels' names, and whom to tell. */
export class Frames extends Base {
  constructor(_shape, host) {
    super([], host)
  }

  /**
   * @param {unknown[]} shape the protocol's `Shape`, its places as lists of names
   * @param {object} fields the places as they were configured
   */
  describe(shape, fields) {
    const place = (name) => (fields[name] ? fields[name].split('.') : undefined)
    this.learn(shape)
    this.shape = { ...this.shape, member: place('member'), timestamp: place('timestamp') }
    this.memberId = fields.memberId
  }

  read(frame, size, handle) {
    this.held = frame
    if (typeof frame !== 'object' || frame === null) return handle(BROKEN, size, ...NO_HEADER)
    const { kind, channel } = this.shape
    handle(this.word(at(frame, kind)), size, 0, this.channels.get(at(frame, channel)) ?? 0, NaN, NaN, NaN)
  }

  write(id, number, channel, word, payload) {
    let text = ''
    for (const part of this.templates[id]) {
      if (typeof part === 'string') text += part
      else if (part === NUMBER) text += number
      else if (part === CHANNEL) text += this.names[channel]
      else if (part === WORD) text += word
      else if (part === PAYLOAD) text += payload ?? 'null'
      else if (part === MEMBERS) text += payload === undefined || payload === '{}' ? '' : `${payload.slice(1, -1)},`
      else text += Date.now()
    }
    return text
  }

  deliver(channel, offset, flags, frame) {
    const { kind, event, payload, member, timestamp } = this.shape
    const named = at(frame, event)
    const content = payload ? at(frame, payload) : frame
    const envelope = { from: this.identity(at(frame, member)), time: at(frame, timestamp) }
    try {
      this.host.message(channel, typeof named === 'string' ? named : at(frame, kind), content, offset, flags, envelope)
    } catch (error) {
      report(error)
    }
  }

  tell(kind, a, b, c, value) {
    super.tell(kind, a, b, c, kind === ACKED ? { ...value, time: at(value, this.shape.timestamp) } : value)
  }

  /** The name of somebody: themselves, or what they are called. */
  identity(somebody) {
    const id = typeof somebody === 'object' ? member(somebody, this.memberId) : somebody
    return typeof id === 'number' ? String(id) : id
  }
}

/** What stands at a place; nothing stands nowhere. */
function at(value, place) {
  if (!place) return undefined
  for (const name of place) value = member(value, name)
  return value
}
