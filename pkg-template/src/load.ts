/**
 * Loads the core: its bytes are part of this package, and are unpacked and compiled at the first need, synchronously, so
 * there is no loading state. The only importer of `wasm/`, which `cargo xtask build` makes.
 */
import type { CoreConstructor } from './core.ts'
import { TautlineError } from './error.ts'
import { length, packed, unpacker } from './wasm/bytes.ts'
import { Core, initSync } from './wasm/tautline.js'

let loaded = false

/**
 * The core's class, ready to use. A failure is not remembered: the next call tries again.
 *
 * @throws {TautlineError} `internal/wasm-load`
 */
export function loadCore(): CoreConstructor {
  if (loaded) return Core
  try {
    initSync({ module: unpack() })
    loaded = true
    return Core
  } catch (cause) {
    throw new TautlineError('internal/wasm-load', { cause })
  }
}

/** Its memory is garbage as soon as the core is compiled. */
function unpack(): Uint8Array<ArrayBuffer> {
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
