/**
 * Loads a core: its bytes are part of the entry that needs it, and are unpacked and compiled at the first need, synchronously,
 * so there is no loading state. Each entry loads its own core from `wasm/`, which `cargo xtask build` makes.
 */
import { unpacker } from './wasm/unpacker.ts'

/** A wasm, packed, as base64. */
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
  const from = bytesOf(packed)
  const { memory, run } = new WebAssembly.Instance(new WebAssembly.Module(bytesOf(unpacker))).exports as unknown as Unpacker
  const start = memory.buffer.byteLength
  memory.grow(((from.length + length) >> 16) + 1)
  new Uint8Array(memory.buffer).set(from, start)
  run(start, from.length, length)
  return new Uint8Array(memory.buffer as ArrayBuffer, start + from.length, length)
}

/** What unpack/ exports. */
interface Unpacker {
  memory: WebAssembly.Memory
  run(packed: number, packedLength: number, length: number): void
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64)
  const bytes = new Uint8Array(text.length)
  // `Uint8Array.from` goes through an iterator: several milliseconds.
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index)
  return bytes
}
