// The shim of Tautline's own protocol: beside the rest it writes the frames of messages that go the short way (src/client/short.rs).
import { CHANNEL, Frames as Plain, WORD } from './frames.js'

/** The template of a publish: a text, the id, texts with channel and event, the payload, a text. */
const PUBLISH = 0

export class Frames extends Plain {
  forms = []

  define(id, text) {
    super.define(id, text)
    // From now on `post` has what it fills.
    if (id === PUBLISH) this.host.frames = this
  }

  /** Sends a message that went the short way. */
  post(id, channel, word, payload) {
    let form = this.forms[channel]
    if (form?.word !== word) form = this.forms[channel] = this.form(channel, word)
    try {
      this.host.socket.send(form.head + id + form.middle + payload + form.tail)
    } catch {
      // As in src/browser/socket.rs.
    }
  }

  /** What stands before, between and after an id and a payload. */
  form(channel, word) {
    const parts = this.templates[PUBLISH].map((part) => (part === CHANNEL ? this.names[channel] : part === WORD ? word : part))
    // Joined, a text is in one piece; added up it would be put together again in each frame.
    return { word, head: parts[0], middle: parts.slice(2, -2).join(''), tail: parts.at(-1) }
  }

  /** A message that went the short way goes again: what it says is where it was kept. */
  write(id, number, channel, word, payload) {
    if (payload === null) [word, payload] = this.host.kept(number)
    return super.write(id, number, channel, word, payload)
  }
}
