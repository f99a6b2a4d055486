/** Frames as they stand on the wire: JSON, or a header and bytes (docs/PROTOCOL.md, section 7). */

/** A frame as an object. */
export type Frame = Readonly<Record<string, unknown>>

const LAYOUT = 1

/** What is sent. */
export function encodeFrame(frame: Frame): string | Uint8Array<ArrayBuffer> {
  const { payload, ...rest } = frame
  if (!(payload instanceof Uint8Array)) return JSON.stringify(frame)
  const header = new TextEncoder().encode(JSON.stringify(rest))
  const bytes = new Uint8Array(3 + header.length + payload.length)
  bytes.set([LAYOUT, header.length >> 8, header.length & 255])
  bytes.set(header, 3)
  bytes.set(payload, 3 + header.length)
  return bytes
}

/** What came, or undefined if it cannot be read. */
export function decodeFrame(data: unknown): Frame | undefined {
  try {
    if (typeof data === 'string') return asFrame(JSON.parse(data))
    if (!(data instanceof Uint8Array) || data[0] !== LAYOUT) return undefined
    const end = 3 + (((data[1] ?? 0) << 8) | (data[2] ?? 0))
    const header = asFrame(JSON.parse(new TextDecoder().decode(data.subarray(3, end))))
    return header && { ...header, payload: data.slice(end) }
  } catch {
    return undefined
  }
}

function asFrame(value: unknown): Frame | undefined {
  return typeof value === 'object' && value !== null ? (value as Frame) : undefined
}
