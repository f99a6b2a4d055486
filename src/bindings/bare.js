// JavaScript's half of `Host` where frames have no header: every frame is the application's own.

const BINARY = 0xfffffffe
const TEXT = 0xfffffffd

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
      this.frame = data
      handle(text ? TEXT : BINARY, 0, 0, NaN, NaN, NaN, text ? data.length : data.byteLength)
    }
  }

  held() {
    return this.frame
  }

  open(url, subprotocols) {
    return this.host.open(url, subprotocols)
  }

  /** Asks for the URL and the subprotocols of an attempt; there are no tokens. `answered` takes them, or what was thrown alone. */
  ask(_why, answered) {
    const given = async () => this.host.endpoint()
    given().then(([url, subprotocols]) => answered([url, undefined, subprotocols]), (error) => answered([error]))
  }

  deliver(_channel, _offset, _flags, frame) {
    this.host.message(frame)
  }

  tell(kind, a, b, c) {
    this.host.event(kind, a, b, c)
  }
}

/** A member of an object of options. */
export function member(object, key) {
  return object?.[key]
}
