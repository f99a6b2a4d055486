// Reads the header of any protocol and writes its envelopes: JavaScript's half of `Host` (src/host.rs).
// Payloads never leave this side: Rust sees integers, and names the frame it wants delivered.
import { NO_HEADER } from '../browser/socket.js'

// As u32, what they are in src/host.rs.
const BROKEN = -1
const BINARY = -2
const OTHER_WORD = 1 << 16
const LAYOUT = 1
const MESSAGE = 0
/** Why a token is asked for, in the numbers of `TokenWhy`. */
const REASONS = ['connect', 'resume', 'refresh', 'refused']
const MAX_HEADER = 8192

/** One per client: knows the protocol's shape, the channels' names, and whom to tell. */
export class Frames {
  /**
   * @param {unknown[]} shape a protocol's `Shape`
   * @param {object} host the application's side: `message`, `event` and `socket`, the newest one
   */
  constructor(shape, host) {
    this.learn(shape)
    this.host = host
    this.channels = new Map()
    this.names = ['']
    this.templates = []
  }

  learn([headed, kind, event, channel, payload, first, second, third, ...words]) {
    this.shape = { headed, kind, event, channel, payload, first, second, third }
    this.words = new Map(words.map((word, index) => [word, OTHER_WORD + index + 1]))
  }

  /** The place of a channel's name in the order of all: one less than its id. */
  channel(name) {
    const known = this.channels.get(name)
    if (known) return known - 1
    this.channels.set(name, this.names.length)
    return this.names.push(JSON.stringify(name)) - 2
  }

  /**
   * The listener of a socket's `message` event. `handle` takes the header in integers, and `held` the frame if it wants it.
   * What it returns, unless it is negative, are the flags to deliver it with.
   */
  listener(handle) {
    return ({ data }) => {
      if (typeof data === 'string') {
        let frame
        try {
          frame = JSON.parse(data)
        } catch {
          // `frame` stays undefined, which is no header.
        }
        this.read(frame, data.length, handle)
      } else if (this.shape.headed) {
        this.read(open(data, this.shape.payload), data.byteLength, handle)
      } else {
        this.held = data
        handle(BINARY, data.byteLength, ...NO_HEADER)
      }
    }
  }

  read(frame, size, handle) {
    this.held = frame
    if (typeof frame !== 'object' || frame === null) return handle(BROKEN, size, ...NO_HEADER)
    const { kind, event, channel, first, second, third } = this.shape
    const id = this.channels.get(frame[channel]) ?? 0
    const offset = number(frame[first])
    const flags = handle(this.word(frame[kind]), size, this.word(frame[event]), id, offset, number(frame[second]), number(frame[third]))
    if (flags >= 0) this.deliver(id, offset, flags, frame)
  }

  word(value) {
    if (typeof value === 'string') return this.words.get(value) ?? OTHER_WORD
    return value >>> 0 === value && value < OTHER_WORD ? value : 0
  }

  /** Keeps a template: texts as they are, the other parts by the number that stands for them, which is no letter. */
  define(id, text) {
    const parts = text.split(/([^ -\uffff])/)
    this.templates[id] = parts.map((part) => (part && part < '\x06' ? part.charCodeAt() : part))
  }

  /** Fills a template: a string, or bytes when the payload is binary. */
  write(id, number, channel, word, payload) {
    const parts = this.templates[id]
    const binary = payload instanceof Uint8Array
    let text = ''
    for (let index = 0; index < parts.length; index++) {
      const part = parts[index]
      if (typeof part === 'string') {
        if (!binary || parts[index + 1] !== PAYLOAD) text += part
      } else if (part === NUMBER) text += number
      else if (part === CHANNEL) text += this.names[channel]
      else if (part === WORD) text += word
      else if (!binary) text += payload ?? 'null'
    }
    return binary ? seal(text, payload) : text
  }

  open(url, subprotocols) {
    return (this.host.socket = new WebSocket(url, subprotocols))
  }

  /** Asks for the URL and the token of an attempt. When `answered` is called, `held` is what was thrown in a list, or nothing and both. */
  ask(why, answered) {
    const answer = (held) => {
      this.held = held
      answered()
    }
    endpoint(this.host, REASONS[why]).then(answer, (error) => answer([[error]]))
  }

  deliver(channel, offset, flags, frame) {
    const { event, payload } = this.shape
    const content = frame[payload]
    const binary = content instanceof Uint8Array ? 4 : 0
    try {
      this.host.message(channel, frame[event], content, offset, flags | binary, frame)
    } catch (error) {
      report(error)
    }
  }

  tell(kind, a, b, c, value) {
    if (kind === MESSAGE) return this.deliver(a, b, c, value)
    try {
      this.host.event(kind, a, b, c, value)
    } catch (error) {
      report(error)
    }
  }
}

/** A refresh keeps the connection, and with it the URL. */
async function endpoint(host, why) {
  return [undefined, why === 'refresh' ? undefined : await host.url(), await host.token(why)]
}

const NUMBER = 0
export const CHANNEL = 1
export const WORD = 2
const PAYLOAD = 3

/** An own member of an object, or undefined. */
export function member(json, key) {
  return typeof json === 'object' && json !== null && Object.hasOwn(json, key) ? json[key] : undefined
}

/** An element of an array, or undefined. */
export function item(json, index) {
  return Array.isArray(json) ? json[index] : undefined
}

/** A number, or NaN. */
export function asNumber(json) {
  return typeof json === 'number' ? json : NaN
}

function number(value) {
  if (typeof value === 'number') return value
  return typeof value === 'string' && value !== '' ? Number(value) : NaN
}

/** A binary frame as the object that its header is, with the payload in its place. */
function open(data, payload) {
  const bytes = new Uint8Array(data)
  const length = (bytes[1] << 8) | bytes[2]
  if (bytes[0] !== LAYOUT || !(length > 0 && length <= MAX_HEADER && length + 3 <= bytes.length)) return undefined
  try {
    const header = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(3, 3 + length))
    const frame = JSON.parse(header)
    if (typeof frame === 'object' && frame !== null) frame[payload] = bytes.subarray(3 + length)
    return frame
  } catch {
    return undefined
  }
}

function seal(text, payload) {
  const header = new TextEncoder().encode(text)
  const frame = new Uint8Array(3 + header.length + payload.length)
  frame.set([LAYOUT, header.length >> 8, header.length & 0xff])
  frame.set(header, 3)
  frame.set(payload, 3 + header.length)
  return frame
}

export function report(error) {
  if (typeof reportError === 'function') reportError(error)
  else console.error(error)
}
