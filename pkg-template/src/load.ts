/**
 * Loads the core: the bytes are part of this package and are compiled at the first need, synchronously, so there is no
 * loading state. The only importer of `wasm/`, which `cargo xtask build` makes.
 */
import type { CoreConstructor } from './core.ts'
import { TautlineError } from './error.ts'
import { bytes } from './wasm/bytes.ts'
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
    initSync({ module: Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0)) })
    loaded = true
    return Core
  } catch (cause) {
    throw new TautlineError('internal/wasm-load', { cause })
  }
}
