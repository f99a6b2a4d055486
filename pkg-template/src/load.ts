/**
 * Unpacks a core: its bytes are part of the entry that needs it (`wasm/`, which `cargo xtask build` makes), and are unpacked and
 * compiled there at the first need, synchronously, so there is no loading state.
 */
import { unpacker } from './wasm/unpacker.ts'

/** A wasm, packed as text. Entries import it after all code, because gzip then codes the two apart: 550 bytes. */
export interface Bytes {
  readonly length: number
  readonly packed: string
}

/** A wasm as it was before it was packed. Its memory is garbage as soon as it is compiled. */
export function unpack({ length, packed }: Bytes): Uint8Array<ArrayBuffer> {
  const { memory, run } = new WebAssembly.Instance(new WebAssembly.Module(unpackerBytes())).exports as unknown as Unpacker
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

/** As xtask/src/wasm.rs writes them. */
function unpackerBytes(): Uint8Array<ArrayBuffer> {
  // In place, and by index: letters of a text, and iterators, are slower.
  const bytes = new TextEncoder().encode(unpacker)
  let length = 0
  let shift = 213
  for (let index = 0; index < bytes.length; index++) {
    const letter = bytes[index] as number
    if (letter === 126) shift += 112
    else {
      bytes[length++] = letter + shift
      shift = 213
    }
  }
  return bytes.subarray(0, length)
}
