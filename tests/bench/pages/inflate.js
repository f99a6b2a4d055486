// Decompresses the messages of a stream in order, each to text, and checks that they are what was packed.
import { Decompress as Fzstd } from 'fzstd'
import { Inflate } from 'pako'
import { loadInflater } from '../../../pkg-template/src/discord/inflate.ts'

const streams = {}
const utf8 = new TextDecoder()
let read

const makers = {
  zlib: async () => ours((await loadInflater('zlib-stream'))()),
  zstd: async () => ours((await loadInflater('zstd-stream'))()),
  pako() {
    const inflate = new Inflate()
    const parts = []
    inflate.onData = (part) => parts.push(part)
    // 2: flush what is there.
    return (frame) => {
      inflate.push(frame, 2)
      return utf8.decode(joined(parts))
    }
  },
  fzstd() {
    const parts = []
    const inflate = new Fzstd((part) => parts.push(part))
    return (frame) => {
      inflate.push(frame)
      return utf8.decode(joined(parts))
    }
  },
  browser() {
    const stream = new DecompressionStream('deflate')
    const writer = stream.writable.getWriter()
    const reader = stream.readable.getReader()
    // It does not say where a message ends; here its length is known.
    return async (frame, length) => {
      void writer.write(frame)
      const parts = []
      for (let got = 0; got < length; ) {
        const { value } = await reader.read()
        parts.push(value)
        got += value.length
      }
      return utf8.decode(joined(parts))
    }
  },
}

function ours(inflater) {
  return (frame) => inflater.text(frame)
}

function joined(parts) {
  if (parts.length === 1) return parts.pop()
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts.splice(0)) {
    all.set(part, at)
    at += part.length
  }
  return all
}

globalThis.bench = {
  take(name, base64) {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
    const view = new DataView(bytes.buffer)
    const frames = (streams[name] = [])
    for (let at = 0; at < bytes.length; ) {
      const length = view.getUint32(at, true)
      frames.push(bytes.slice(at + 4, at + 4 + length))
      at += 4 + length
    }
  },
  count: (from, to) => streams.plain.slice(from, to).length,
  /** A new context, that has read what comes before `from`, and every message once to warm up. */
  async open(variant, stream, from) {
    const warm = await makers[variant]()
    for (let index = 0; index < streams.plain.length; index++) {
      const text = await warm(streams[stream][index], streams.plain[index].length)
      if (text !== utf8.decode(streams.plain[index])) throw new Error(`${variant}: message ${index} came out wrong`)
    }
    const one = await makers[variant]()
    for (let index = 0; index < from; index++) await one(streams[stream][index], streams.plain[index].length)
    read = { one, frames: streams[stream], waits: variant === 'browser' }
  },
  async run(from, to = streams.plain.length) {
    const { one, frames, waits } = read
    if (waits) for (let index = from; index < to; index++) await one(frames[index], streams.plain[index].length)
    else for (let index = from; index < to; index++) one(frames[index])
  },
}
