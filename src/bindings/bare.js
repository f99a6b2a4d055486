// JavaScript's half of `Host` where frames have no header: every frame is the application's own.

import { NO_HEADER } from '../browser/socket.js'

// As u32, what they are in src/host.rs.
const BINARY = -2
const TEXT = -3
const MESSAGE = 0

/** One per client: knows whom to tell. */
export class Frames {
  /** @param {object} host the application's side: `open`, `endpoint`, `message` and `event` */
  constructor(_shape, host) {
    this.host = host
  }

  /** The listener of a socket's `message` event. */
  listener(handle) {
    return ({ data }) => {
      const text = typeof data === 'string'
      this.held = data
      handle(text ? TEXT : BINARY, text ? data.length : data.byteLength, ...NO_HEADER)
    }
  }

  open(url, subprotocols) {
    return this.host.open(url, subprotocols)
  }

  /**
   * Asks for the URL and the subprotocols of an attempt; there are no tokens. When `answered` is called, `held` is what was thrown in
   * a list, or nothing and them.
   */
  ask(_why, answered) {
    const answer = (held) => {
      this.held = held
      answered()
    }
    const given = async () => this.host.endpoint()
    given().then(([url, subprotocols]) => answer([undefined, url, undefined, subprotocols]), (error) => answer([[error]]))
  }

  tell(kind, a, b, c, frame) {
    if (kind === MESSAGE) this.host.message(frame)
    else this.host.event(kind, a, b, c)
  }
}

/** A member of an object of options. */
export function member(object, key) {
  return object?.[key]
}

/** An element of an array, or undefined. */
export function item(array, index) {
  return array[index]
}

/** A number, or NaN. */
export function asNumber(value) {
  return typeof value === 'number' ? value : NaN
}
