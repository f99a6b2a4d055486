/** The gateway's events by name. The payloads' types are those of the package `discord-api-types`, which is optional. */
import type { GatewayDispatchPayload } from 'discord-api-types/v10'

/**
 * Every dispatch of the gateway, version 10: its name and its payload. Extend it where a gateway of your own has more:
 *
 * @example
 * declare module 'tautline/discord' { interface GatewayEvents { POKE_RECEIVED: { from: string } } }
 */
export interface GatewayEvents extends Dispatches {}

type Dispatches = {
  [Payload in GatewayDispatchPayload as `${Payload['t']}`]: Payload extends { d: infer Data } ? Data : undefined
}

/** What comes with an event. */
export interface DispatchInfo {
  /** The shard that heard it. */
  readonly shard: number
  /** Its place in the shard's session; `undefined` where the gateway gave none. */
  readonly sequence: number | undefined
  /** Whether it was missed, and came late after a resume. */
  readonly replayed: boolean
}
