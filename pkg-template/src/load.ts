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
  const bytes = new Uint8Array(unpacker.length)
  let length = 0
  let shift = 213
  // An index, because a string's iterator is slower.
  for (let index = 0; index < unpacker.length; index++) {
    const letter = unpacker.charCodeAt(index)
    if (letter === 126) shift += 112
    else {
      bytes[length++] = letter + shift
      shift = 213
    }
  }
  return bytes.subarray(0, length)
}
