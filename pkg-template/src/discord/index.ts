/** Tautline for Discord-style gateways: `createGateway` on a core that identifies, resumes and beats. */
import { unpack } from '../load.ts'
import { Core, initSync } from '../wasm/discord/core.js'
import type { GatewayEvents } from './events.ts'
import { DiscordGateway, type Gateway } from './gateway.ts'
import type { GatewayOptions } from './options.ts'
import type { DiscordCoreConstructor } from './shard.ts'
import { bytes } from '../wasm/discord/bytes.ts'

/** Set once the core is loaded: when that throws, the next call tries again. */
let loaded: object | undefined

function loadCore(): DiscordCoreConstructor {
  loaded ??= initSync(unpack(bytes))
  return Core as unknown as DiscordCoreConstructor
}

/**
 * Makes a gateway. Nothing happens yet: no socket, no timer, no WebAssembly. Listen, then call `connect`.
 *
 * Discord's own gateway refuses browsers, and a bot's token must never be given to one: this is for gateways of your own that
 * speak the same protocol, with tokens of the user.
 *
 * @example
 * const gateway = createGateway({ url: 'wss://gateway.example.com', token: fetchToken, intents: 1 << 9 })
 * gateway.on('MESSAGE_CREATE', (message) => console.log(message.content))
 * gateway.connect()
 *
 * @throws {TautlineError} `misuse/invalid-option`
 */
export function createGateway<Events extends object = GatewayEvents>(options: GatewayOptions): Gateway<Events> {
  return new DiscordGateway(options, loadCore) as unknown as Gateway<Events>
}

export type { ErrorBlame, ErrorCode } from '../codes.ts'
export { type ErrorDetails, isTautlineError, TautlineError } from '../error.ts'
export type { ListenOptions, OnOptions, Unsubscribe } from '../events.ts'
export type { SendHandle, SendOptions, SendStatus } from '../send.ts'
export type { ConnectionState, ConnectionStatus } from '../state.ts'
export type { DebugEvent } from './debug.ts'
export type { DispatchInfo, GatewayEvents } from './events.ts'
export {
  type CommandOptions,
  type Gateway,
  type MembersOptions,
  type MembersRequest,
  shardOf,
} from './gateway.ts'
export type { SessionStartLimit } from './identify.ts'
export type { GatewayLifecycle, GatewayState, GatewayStats, ShardInfo } from './info.ts'
export type { InflateLimits } from './inflate.ts'
export type { Compression, GatewayInfo, GatewayOptions, IdentifyOptions, Shards } from './options.ts'
