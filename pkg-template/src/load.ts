/**
 * Loads a core: its bytes are part of the entry that needs it, and are unpacked and compiled at the first need, synchronously,
 * so there is no loading state. Each entry loads its own core from `wasm/`, which `cargo xtask build` makes.
 */
import { unpacker } from './wasm/unpacker.ts'

/** A wasm, packed as text. */
export interface Bytes {
  readonly length: number
  readonly packed: string
}

/** The cores that were loaded. */
const loaded = new WeakSet<object>()

/** A core's class, ready to use. When it throws, the next call tries again. */
export function load<Core extends object>(Core: Core, initSync: (module: Uint8Array<ArrayBuffer>) => unknown, bytes: Bytes): Core {
  if (!loaded.has(Core)) initSync(unpack(bytes))
  loaded.add(Core)
  return Core
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

function unpackerBytes(): Uint8Array<ArrayBuffer> {
  const text = atob(unpacker)
  const bytes = new Uint8Array(text.length)
  // `Uint8Array.from` goes through an iterator, which is slower.
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index)
  return bytes
}
