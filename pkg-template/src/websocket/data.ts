/** What a socket sends: copied at the call, because it may leave later; and its size in bytes. */
import type { Data } from './core.ts'

const BEYOND_ASCII = /[^\0-\x7f]/

/** As the standard has it: text, bytes, a Blob; anything else as text. */
export function dataOf(message: unknown): Data {
  if (message instanceof ArrayBuffer || ArrayBuffer.isView(message)) return bytesOf(message)
  return typeof Blob === 'function' && message instanceof Blob ? message : String(message)
}

/** A copy. */
export function bytesOf(source: ArrayBufferLike | ArrayBufferView): Uint8Array<ArrayBuffer> {
  const view = ArrayBuffer.isView(source) ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength) : new Uint8Array(source)
  return new Uint8Array(view)
}

/** In bytes of UTF-8. */
export function sizeOf(data: Data): number {
  if (typeof data !== 'string') return data instanceof Uint8Array ? data.byteLength : data.size
  return BEYOND_ASCII.test(data) ? new TextEncoder().encode(data).byteLength : data.length
}
