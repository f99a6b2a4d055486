/** Snapshots: what the client is now and what it counted. */
import { codes, type ErrorCode } from './codes.ts'
import type { ConnectionStatus } from './state.ts'

/** See {@link Client.getConnectionInfo}. */
export interface ConnectionInfo {
  /** The state. */
  readonly state: ConnectionStatus
  /** The connection's name at the server; undefined while there is none. */
  readonly connectionId: string | undefined
  /** The shard; undefined with servers that have none. */
  readonly shardId: number | undefined
  /** This client's public name, as in presence; the same over reconnects. */
  readonly member: string | undefined
  /** The token's user. */
  readonly user: string | undefined
  /** How many messages are not settled yet. */
  readonly queueSize: number
  /** Their bytes. */
  readonly queueBytes: number
  /** Attempts since the last stable connection. */
  readonly attempt: number
  /** Until the next attempt, in milliseconds; undefined when none is planned. */
  readonly retryInMs: number | undefined
}

/** How good the line is: `unknown` while not connected or not measured yet. */
export type Quality = 'unknown' | 'poor' | 'fair' | 'good' | 'excellent'

/** Milliseconds over the last heartbeats. */
export interface LatencyStats {
  /** The last one. */
  readonly last: number
  /** Their mean. */
  readonly mean: number
  /** Half were faster. */
  readonly p50: number
  /** 19 of 20 were faster. */
  readonly p95: number
  /** 99 of 100 were faster. */
  readonly p99: number
}

/** See {@link Client.getStats}. Counted since the client was made. */
export interface ConnectionStats {
  /** Undefined until a heartbeat was answered. */
  readonly latencyMs: LatencyStats | undefined
  /** How good the line is. */
  readonly quality: Quality
  /** For how long the present connection has held, in milliseconds; 0 when there is none. */
  readonly uptimeMs: number
  /** Messages sent, again ones included. */
  readonly sent: number
  /** Messages acknowledged. */
  readonly acked: number
  /** Messages that failed. */
  readonly failed: number
  /** Messages and signals received. */
  readonly received: number
  /** Size of all that was sent. */
  readonly bytesSent: number
  /** Size of all that was received. */
  readonly bytesReceived: number
  /** How often the client connected again. */
  readonly reconnects: number
  /** How often a connection was lost, by cause. */
  readonly reconnectCauses: Readonly<Partial<Record<ErrorCode, number>>>
  /** Subscriptions renewed with nothing missed. */
  readonly recovered: number
  /** Missed messages that came late. */
  readonly replayed: number
  /** Messages dropped because they were here already. */
  readonly duplicates: number
  /** Times that messages may have been missed. */
  readonly gaps: number
  /** Frames that could not be understood. */
  readonly skipped: number
}

const QUALITIES: readonly Quality[] = ['unknown', 'poor', 'fair', 'good', 'excellent']

/** Who we are to the server. */
export interface Identity {
  readonly connectionId: string | undefined
  readonly member: string | undefined
  readonly user: string | undefined
  readonly shardId: number | undefined
}

/** What the core says, by place: src/bindings/snapshot.rs. -1 stands for what there is not now. */
type Numbers = readonly [
  attempt: number,
  retryInMs: number,
  queueSize: number,
  queueBytes: number,
  sent: number,
  received: number,
  acked: number,
  failed: number,
  bytesSent: number,
  bytesReceived: number,
  connections: number,
  recovered: number,
  replayed: number,
  duplicates: number,
  gaps: number,
  skipped: number,
  uptimeMs: number,
  quality: number,
  last: number,
  mean: number,
  p50: number,
  p95: number,
  p99: number,
  /** Pairs: a code, and how many connections it ended. */
  ...losses: number[],
]

/** Before there is a core. */
const NOTHING: Numbers = [0, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, 0, -1, 0, 0, 0, 0]

/** The snapshot; before there is a core everything is zero. */
export function infoOf(state: ConnectionStatus, identity: Identity, numbers: readonly number[] = NOTHING): ConnectionInfo {
  const [attempt, retryInMs, queueSize, queueBytes] = numbers as Numbers
  return { state, ...identity, queueSize, queueBytes, attempt, retryInMs: retryInMs < 0 ? undefined : retryInMs }
}

/** The snapshot; before there is a core everything is zero. */
export function statsOf(numbers: readonly number[] = NOTHING): ConnectionStats {
  const [
    , , , , sent, received, acked, failed, bytesSent, bytesReceived, connections, recovered, replayed, duplicates, gaps, skipped, uptimeMs, quality,
    last, mean, p50, p95, p99, ...losses
  ] = numbers as Numbers
  const reconnectCauses: Partial<Record<ErrorCode, number>> = {}
  losses.forEach((code, index) => {
    if (index % 2 === 0) reconnectCauses[codes[code - 1] ?? 'lost/network'] = losses[index + 1] ?? 0
  })
  return {
    latencyMs: last < 0 ? undefined : { last, mean, p50, p95, p99 },
    quality: QUALITIES[quality] ?? 'unknown',
    uptimeMs: Math.max(0, uptimeMs),
    sent,
    acked,
    failed,
    received,
    bytesSent,
    bytesReceived,
    reconnects: Math.max(0, connections - 1),
    reconnectCauses,
    recovered,
    replayed,
    duplicates,
    gaps,
    skipped,
  }
}
