/** What a gateway can be told, and the check of it. Every default stands here and nowhere else. */
import type { GatewayIdentifyProperties, GatewayPresenceUpdateData } from 'discord-api-types/v10'
import { invalid } from '../error.ts'
import { type ClientOptions, parseOptions, type Settings, type UrlSource } from '../options.ts'
import type { DebugEvent } from './debug.ts'
import type { SessionStartLimit } from './identify.ts'
import type { InflateLimits } from './inflate.ts'

/** What `GET /gateway/bot` gives, or a route of your own. */
export interface GatewayInfo {
  /** Where to connect. */
  readonly url: string
  /** How many shards the gateway recommends. */
  readonly shards?: number
  /** How many sessions may be started. */
  readonly session_start_limit?: SessionStartLimit
}

/** How the gateway compresses: one stream for a connection, or each payload that is worth it. */
export type Compression = 'zlib-stream' | 'zstd-stream' | 'payload'

/** Which shards to run. */
export type Shards = number | 'auto' | { readonly total: number; readonly ids: readonly number[] }

/** Options of `createGateway`. Times are in milliseconds. */
export interface GatewayOptions
  extends Pick<ClientOptions, 'token' | 'resolveTimeoutMs' | 'connectTimeoutMs' | 'handshakeTimeoutMs' | 'backoff' | 'heartbeat'> {
  /** Where the gateway is, without a query: a URL, or a function that gives it. This or `info`. */
  readonly url?: UrlSource | undefined
  /** Asked at `connect` and `reshard`: where the gateway is, how many shards it wants, how many sessions may be started. */
  readonly info?: (() => GatewayInfo | Promise<GatewayInfo>) | undefined
  /** Which events to hear: the sum of the intents' bits. */
  readonly intents: number
  /** How many shards, or as many as `info` recommends (`'auto'`), or these. Default 1. */
  readonly shards?: Shards | undefined
  /** Said with identify; a later `updatePresence` takes its place. */
  readonly presence?: GatewayPresenceUpdateData | undefined
  /** What the client calls itself. */
  readonly properties?: GatewayIdentifyProperties | undefined
  /** Guilds above so many members come without those that are offline: 50 to 250. Default 50. */
  readonly largeThreshold?: number | undefined
  /** Default none. Streams save the most. The decoder is loaded when it is asked for: 6 kB for zlib, 7 kB for zstd. */
  readonly compression?: Compression | undefined
  /** Bounds of what is decompressed; a message or window beyond them breaks the stream. */
  readonly inflate?: InflateLimits | undefined
  /** Default JSON. ETF is smaller without compression, and slower to read in a browser. */
  readonly encoding?: 'json' | 'etf' | undefined
  /** Only these events are parsed and delivered. Default all that the intents bring. */
  readonly events?: readonly string[] | undefined
  /** Keeps the session over a reload of the tab, under this name where a page has several gateways. Default false. */
  readonly resume?: boolean | string | undefined
  /** Bounds of the queue of commands, for each shard. */
  readonly queue?: Omit<NonNullable<ClientOptions['queue']>, 'persist'> | undefined
  /** How shards take turns. */
  readonly identify?: IdentifyOptions | undefined
  /** The least and the most wait after an invalid session. Default 1,000 to 5,000. */
  readonly invalidSessionWaitMs?: readonly [least: number, most: number] | undefined
  /**
   * Whether a hidden page beats on time, by a worker's timer: browsers let a hidden page's own timers fire once a minute. Costs a small worker while
   * the page is hidden. Where a policy forbids workers of `blob:`, the page's timers remain. Default true.
   */
  readonly backgroundTimer?: boolean | undefined
  /** Hears what the gateway's client does and why, without tokens. Costs nothing while it is not given. */
  readonly debug?: ((event: DebugEvent) => void) | undefined
}

/** See {@link GatewayOptions.identify}. */
export interface IdentifyOptions {
  /** Shared by all gateways, also of other tabs, that identify with the same token. Default `'default'`. */
  readonly name?: string | undefined
  /** The time between two identifies of a bucket. Default 5,000, which is the gateway's rule. */
  readonly spacingMs?: number | undefined
  /** More sessions than this in an hour are taken for a loop. Default 60. */
  readonly perHour?: number | undefined
}

/** Options after the check. */
export interface GatewaySettings {
  readonly base: Settings
  readonly given: GatewayOptions
  readonly intents: number
  readonly shards: Shards
  readonly compression: Compression | undefined
  readonly inflate: InflateLimits
  readonly etf: boolean
  readonly events: ReadonlySet<string> | undefined
  readonly resume: string | undefined
  readonly identify: Required<{ [Key in keyof IdentifyOptions]: NonNullable<IdentifyOptions[Key]> }>
  readonly invalidSessionWaitMs: readonly [number, number]
  readonly providerTimeoutMs: number
}

const OWN = ['url', 'info', 'intents', 'shards', 'presence', 'properties', 'largeThreshold', 'compression', 'inflate', 'encoding', 'events', 'resume', 'identify', 'invalidSessionWaitMs', 'backgroundTimer', 'debug'] as const

/** Waiting for the turn to identify is part of an attempt, and may take as long as it takes. */
const PATIENCE_MS = 86_400_000

/** Fills in the defaults and refuses what makes no sense. */
export function parseGatewayOptions(given: GatewayOptions): GatewaySettings {
  const rest = Object.fromEntries(Object.entries(given ?? {}).filter(([key]) => !(OWN as readonly string[]).includes(key)))
  const { url, info, intents, shards = 1, compression, inflate = {}, encoding = 'json', events, resume = false, largeThreshold = 50 } = given
  if (url === undefined && info === undefined) invalid('url', 'a URL, unless `info` gives one', url)
  const base = parseOptions({ handshakeTimeoutMs: 60_000, ...rest, url: url ?? 'wss://gateway.invalid' })
  if (base.persist !== undefined) invalid('queue.persist', 'nothing: commands of a gateway mean nothing to a later page', true)
  whole('intents', intents, 0, 2 ** 53 - 1)
  whole('largeThreshold', largeThreshold, 50, 250)
  if (typeof shards === 'number') whole('shards', shards, 1, 100_000)
  else if (shards === 'auto') {
    if (!info) invalid('info', "a function, because shards is 'auto'", info)
  } else {
    whole('shards.total', shards?.total, 1, 100_000)
    if (!Array.isArray(shards.ids) || shards.ids.length === 0) invalid('shards.ids', 'at least one shard', shards.ids)
    for (const id of shards.ids) whole('shards.ids', id, 0, shards.total - 1)
  }
  if (compression !== undefined && !['zlib-stream', 'zstd-stream', 'payload'].includes(compression)) {
    invalid('compression', "'zlib-stream', 'zstd-stream' or 'payload'", compression)
  }
  if (encoding !== 'json' && encoding !== 'etf') invalid('encoding', "'json' or 'etf'", encoding)
  if (compression === 'payload' && encoding === 'etf') invalid('compression', 'a stream, because payload compression is for JSON', compression)
  for (const [key, bytes] of Object.entries(inflate)) whole(`inflate.${key}`, bytes, 1_024, 1 << 30)
  const { name = 'default', spacingMs = 5_000, perHour = 60 } = given.identify ?? {}
  whole('identify.spacingMs', spacingMs, 0, 3_600_000)
  whole('identify.perHour', perHour, 1, 1_000_000)
  const invalidSessionWaitMs = given.invalidSessionWaitMs ?? [1_000, 5_000]
  const [least, most] = invalidSessionWaitMs
  whole('invalidSessionWaitMs', least, 0, 3_600_000)
  whole('invalidSessionWaitMs', most, least, 3_600_000)
  return {
    base: { ...base, core: { ...base.core, resolveTimeoutMs: PATIENCE_MS } },
    given: { ...given, largeThreshold },
    intents,
    shards,
    compression,
    inflate,
    etf: encoding === 'etf',
    events: events && new Set(events),
    resume: resume === true ? 'default' : resume || undefined,
    identify: { name, spacingMs, perHour },
    invalidSessionWaitMs,
    providerTimeoutMs: base.core.resolveTimeoutMs,
  }
}

function whole(option: string, value: unknown, least: number, most: number): void {
  if (!(Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most)) {
    invalid(option, `a whole number from ${least} to ${most}`, value)
  }
}
