// The shim of a gateway: what comes may be compressed or ETF, and the address says so. Decoding is the application's side's
// (pkg-template/src/discord/transport.ts); a decoder lives as long as its connection.
import { Frames as Plain } from './frames.js'

export class Frames extends Plain {
  open(url, subprotocols) {
    return super.open(this.host.address(url), subprotocols)
  }

  listener(handle) {
    const text = super.listener(handle)
    const decode = this.host.decoder()
    if (!decode) return text
    return ({ data }) => {
      let frame
      try {
        frame = decode(data)
      } catch {
        // No frame at all is one that cannot be read.
        frame = ''
      }
      if (typeof frame === 'string') text({ data: frame })
      else if (frame) this.read(frame, data.byteLength ?? data.length, handle)
    }
  }

  write(...parts) {
    return this.host.encode(super.write(...parts))
  }
}
