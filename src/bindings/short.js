// The shim of Tautline's own protocol: beside the rest it writes the frames of messages that go the short way (src/client/short.rs).
import { Frames as Plain } from './frames.js'

/** From how many letters on it is quicker to write the envelope along with a payload than to copy the payload into it. */
const LONG = 500

export class Frames extends Plain {
  size = 0

  constructor(shape, host) {
    super(shape, host)
    host.frames = this
  }

  /**
   * A publish, as PUBLISH in src/protocol/tautline.rs has it. `size` is then that of its payload; not above 0 if JSON cannot say it.
   */
  frame(id, channel, event, payload) {
    // Most likely it goes where the last one went.
    if (channel !== this.name || event !== this.event) {
      this.name = channel
      this.event = event
      // In one piece: of a text put together each part is copied by itself.
      this.middle = JSON.stringify({ id: 0, channel, event, payload: 0 }).slice(7, -2)
    }
    const head = '{"type":"publish","id":' + id + this.middle
    // Most likely it is as long as the last one.
    if (this.size > LONG) {
      const frame = JSON.stringify({ type: 'publish', id, channel, event, payload })
      this.size = frame.length - head.length - 1
      return frame
    }
    const json = JSON.stringify(payload) ?? ''
    this.size = json.length
    return head + json + '}'
  }

  /** Sends such a frame. */
  post(frame) {
    try {
      this.host.socket.send(frame)
    } catch {
      // As in src/browser/socket.rs.
    }
  }

  /** A message that went the short way goes again: its frame was kept. */
  write(id, number, channel, word, payload) {
    return payload === null ? this.host.kept(number) : super.write(id, number, channel, word, payload)
  }
}
