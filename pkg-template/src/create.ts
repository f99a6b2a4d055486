/** `createClient` of the main entry: the client on the core that speaks Tautline's own protocol. */
import { type Client, TautlineClient } from './client.ts'
import type { RegisteredEvents } from './events.ts'
import type { LoadCore } from './hub.ts'
import { unpack } from './load.ts'
import type { ClientOptions } from './options.ts'
import { Core, initSync } from './wasm/tautline/core.js'
import { bytes } from './wasm/tautline/bytes.ts'

/** Set once the core is loaded: when that throws, the next call tries again. */
let loaded: object | undefined

const loadCore: LoadCore = () => {
  loaded ??= initSync(unpack(bytes))
  return Core
}

/**
 * Makes a client. Nothing happens yet: no socket, no timer, no WebAssembly; so this is safe at the top of a module, also on a
 * server. Listen, then call `connect`.
 *
 * @example
 * const client = createClient<Events>({ url: 'wss://example.com/ws', token: fetchToken })
 * client.connect()
 * client.channel('room').on('message', ({ text }) => console.log(text))
 *
 * @throws {TautlineError} `misuse/invalid-option`
 */
export function createClient<Events extends object = RegisteredEvents>(options: ClientOptions): Client<Events> {
  return new TautlineClient(options, loadCore) as unknown as Client<Events>
}
