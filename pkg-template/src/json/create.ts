/** `createClient` of `tautline/json`: the client on the core that speaks to hand-written servers. */
import { type Client, TautlineClient } from '../client.ts'
import { invalid } from '../error.ts'
import type { RegisteredEvents } from '../events.ts'
import type { LoadCore } from '../hub.ts'
import { unpack } from '../load.ts'
import { Core, initSync } from '../wasm/json/core.js'
import { compile } from './compile.ts'
import { JsonDialect } from './dialect.ts'
import { presets } from './presets.ts'
import type { JsonClientOptions, JsonProtocol } from './protocol.ts'
import { bytes } from '../wasm/json/bytes.ts'

/** Set once the core is loaded: when that throws, the next call tries again. */
let loaded: object | undefined

/** The core that speaks to hand-written servers. */
export const loadCore: LoadCore = () => {
  loaded ??= initSync(unpack(bytes))
  return Core
}

/**
 * Makes a client for a server that speaks plain JSON, `{type, payload}` or alike. Nothing happens yet, as with `createClient` of
 * `tautline`. What such a server cannot be told throws `misuse/unsupported` at the call.
 *
 * @example
 * const client = createClient<Events>({ url: 'wss://example.com/ws', protocol: presets.rooms, token: fetchToken })
 * client.connect()
 * client.channel('lobby').on('message', ({ text }) => console.log(text))
 *
 * @throws {TautlineError} `misuse/invalid-option`, naming the option
 */
export function createClient<Events extends object = RegisteredEvents>(options: JsonClientOptions): Client<Events> {
  const { protocol, maxReconnectAttempts, ...others } = options
  return new TautlineClient(others, loadCore, dialectOf(protocol, maxReconnectAttempts)) as unknown as Client<Events>
}

/** What is said to the server of this description. Throws `misuse/invalid-option`. */
export function dialectOf(protocol: JsonProtocol = presets.channels, maxReconnectAttempts?: number): JsonDialect {
  return new JsonDialect(compile(protocol), attempts(maxReconnectAttempts))
}

function attempts(most: unknown): number {
  if (most === undefined || most === Infinity) return Infinity
  if (typeof most === 'number' && Number.isInteger(most) && most >= 0) return most
  return invalid('maxReconnectAttempts', 'a whole number from 0, or Infinity', most)
}
