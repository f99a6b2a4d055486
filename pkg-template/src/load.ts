/**
 * Unpacks a core: its bytes are part of the entry that needs it (`wasm/`, which `cargo xtask build` makes), and are unpacked and
 * compiled there at the first need, synchronously, so there is no loading state.
 */
import { unpacker } from './wasm/unpacker.ts'

/** A wasm, packed as text. */
export interface Bytes {
  readonly length: number
  readonly packed: string
}

/** A wasm as it was before it was packed. Its memory is garbage as soon as it is compiled. */
export function unpack({ length, packed }: Bytes): Uint8Array<ArrayBuffer> {
  const code = Uint8Array.from(atob(unpacker), (letter) => letter.charCodeAt(0))
  const { memory, run } = new WebAssembly.Instance(new WebAssembly.Module(code)).exports as unknown as Unpacker
  const start = memory.buffer.byteLength
  memory.grow(((packed.length + length) >> 16) + 1)
  new TextEncoder().encodeInto(packed, new Uint8Array(memory.buffer, start))
  run(start, packed.length, length)
  return new Uint8Array(memory.buffer as ArrayBuffer, start + packed.length, length)
}

/** What pack/ exports. */
interface Unpacker {
  memory: WebAssembly.Memory
  run(text: number, textLength: number, length: number): void
}
