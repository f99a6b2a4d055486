/** What a gateway tells about itself: its state, its shards, what they counted. */
import type { TautlineError } from '../error.ts'
import type { ConnectionStats } from '../info.ts'
import type { ConnectionState, ConnectionStatus } from '../state.ts'
import type { Shard } from './shard.ts'

/** What a gateway tells about itself. */
export interface GatewayLifecycle {
  /** The state of all shards together changed. */
  state: GatewayState
  /** The state of one shard changed. */
  shard: { readonly shard: number; readonly state: ConnectionState }
  /** A session was taken up again, after so many missed events. */
  resumed: { readonly shard: number; readonly replayed: number }
  /** Events of a shard are missing between these numbers of its sequence. */
  gap: { readonly shard: number; readonly lastSequence: number; readonly nextSequence: number }
  /** A heartbeat came back. */
  latency: { readonly shard: number; readonly ms: number }
  /** Something went wrong that belongs to no call. */
  problem: { readonly shard: number | undefined; readonly error: TautlineError }
  /** A listener threw. */
  listenerError: { readonly error: unknown; readonly event: string }
}

/** All shards together: as far as the one that is furthest behind. */
export interface GatewayState {
  /** `failed` and `reconnecting` if one shard is, `connected` once all are. */
  readonly status: ConnectionStatus
  /** Why, where a shard failed or lost its line. */
  readonly cause: TautlineError | undefined
}

/** A shard as it is now. */
export interface ShardInfo {
  readonly id: number
  readonly total: number
  readonly state: ConnectionState
  readonly sessionId: string | undefined
  /** What it counted; `replayed` are the events that came late after a resume. */
  readonly stats: ConnectionStats
  /** How many commands may go out at once, of the gateway's 120 in 60 seconds; 0 while not connected. */
  readonly sendsLeft: number
}

/** Totals of all shards. */
export interface GatewayStats {
  readonly sent: number
  readonly received: number
  readonly failed: number
  readonly bytesSent: number
  /** Characters or bytes of what was received, once it was unpacked. */
  readonly bytesReceived: number
  /** The same as it came over the line: less, where it was compressed. */
  readonly bytesOnWire: number
  readonly reconnects: number
  /** Sessions that were taken up again. */
  readonly resumes: number
  /** Missed events that came late. */
  readonly replayed: number
  readonly duplicates: number
  readonly gaps: number
  readonly queueSize: number
  /** Sessions that may still be started; `Infinity` where the gateway did not say. */
  readonly identifiesLeft: number
}

/** What a shard is now. */
export function infoOf(shard: Shard): ShardInfo {
  const { id, total, state, session, sendsLeft } = shard
  return { id, total, state, sessionId: session, stats: shard.stats(), sendsLeft }
}

/** What all shards counted together. */
export function totalOf(shards: readonly Shard[], identifiesLeft: number): GatewayStats {
  const all = shards.map((shard) => shard.stats())
  const sum = (key: Counted): number => all.reduce((total, stats) => total + stats[key], 0)
  return {
    sent: sum('sent'),
    received: sum('received'),
    failed: sum('failed'),
    bytesSent: sum('bytesSent'),
    bytesReceived: sum('bytesReceived'),
    bytesOnWire: sum('bytesReceived') - shards.reduce((total, shard) => total + shard.bytesSaved, 0),
    reconnects: sum('reconnects'),
    resumes: sum('recovered'),
    replayed: sum('replayed'),
    duplicates: sum('duplicates'),
    gaps: sum('gaps'),
    queueSize: shards.reduce((total, shard) => total + shard.queueSize, 0),
    identifiesLeft,
  }
}

type Counted = { [Key in keyof ConnectionStats]-?: ConnectionStats[Key] extends number ? Key : never }[keyof ConnectionStats]
