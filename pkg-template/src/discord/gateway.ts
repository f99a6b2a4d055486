/** A gateway as applications use it: its shards as one, or each by itself. */
import type {
  GatewayGuildMembersChunkDispatchData,
  GatewayPresenceUpdateData,
  GatewayRequestGuildMembersData,
  GatewayVoiceStateUpdateData,
} from 'discord-api-types/v10'
import { Emitter, type Heard } from '../emitter.ts'
import { TautlineError } from '../error.ts'
import type { ListenOptions, OnOptions, Unsubscribe } from '../events.ts'
import type { SendHandle, SendOptions } from '../send.ts'
import type { ConnectionStatus } from '../state.ts'
import { Background } from './background.ts'
import type { DebugNote } from './debug.ts'
import type { DispatchInfo, GatewayEvents } from './events.ts'
import { IdentifyQueue } from './identify.ts'
import { type GatewayLifecycle, type GatewayState, type GatewayStats, infoOf, type ShardInfo, totalOf } from './info.ts'
import { type GatewayInfo, type GatewayOptions, type GatewaySettings, parseGatewayOptions, type Shards } from './options.ts'
import { Overlap } from './overlap.ts'
import { type DiscordCoreConstructor, Shard, type ShardOwner } from './shard.ts'

/** Options of commands. */
export interface CommandOptions extends Omit<SendOptions, 'volatile'> {
  /** Goes out before the commands that wait without it. Default false. */
  readonly priority?: boolean | undefined
  /** Over which shard. Default: the one of the guild, or the first. */
  readonly shard?: number | undefined
}

/** What to ask for: by names that begin so, or by ids. */
export type MembersRequest = GatewayRequestGuildMembersData extends infer Request
  ? Request extends GatewayRequestGuildMembersData
    ? Omit<Request, 'nonce'>
    : never
  : never

/** Options of {@link Gateway.requestGuildMembers}. */
export interface MembersOptions extends CommandOptions {
  /** How long the gateway may be silent before the next chunk, in milliseconds. Default 15,000. */
  readonly timeoutMs?: number | undefined
}

/** A connection to a Discord-style gateway, by one shard or many. After `destroy` everything but getters throws `misuse/destroyed`. */
export interface Gateway<Events extends object = GatewayEvents> {
  /** All shards together: the same object until it changes. */
  readonly state: GatewayState
  /** The shards as they are now. */
  readonly shards: readonly ShardInfo[]

  /** Connects, and stays connected until `close`. */
  connect(): void
  /** Ends the connections, and with them the sessions. */
  close(): void
  /** Tries now instead of waiting for the next attempt. */
  retry(): void
  /** Closes for ever: what is still open fails with `dropped/closed`. */
  destroy(): void
  /** The same as `destroy`. */
  [Symbol.dispose](): void
  /**
   * Resolves once every shard is connected.
   *
   * @throws {TautlineError} why a shard failed for good, or `dropped/closed`
   */
  ready(): Promise<void>

  /** Hears events by their beginning (`'GUILD_*'`), or all (`'*'`). */
  on(event: '*' | `${string}_*`, listener: (data: unknown, info: DispatchInfo & { readonly event: string }) => void, options?: OnOptions): Unsubscribe
  /** Hears an event by its name. */
  on<Name extends keyof Events & string>(event: Name, listener: (data: Events[Name], info: DispatchInfo) => void, options?: OnOptions): Unsubscribe
  /** Hears what the gateway's client tells about itself. */
  onLifecycle<Name extends keyof GatewayLifecycle>(name: Name, listener: (event: GatewayLifecycle[Name]) => void, options?: ListenOptions): Unsubscribe

  /** Sends a command by its opcode. */
  send(op: number, data: unknown, options?: CommandOptions): SendHandle
  /** Changes the presence, of all shards unless one is named. Only the latest counts, at most 5 times in 20 seconds. */
  updatePresence(presence: GatewayPresenceUpdateData, shard?: number): void
  /** Joins, moves in or leaves a voice channel. */
  updateVoiceState(state: GatewayVoiceStateUpdateData, options?: CommandOptions): SendHandle
  /**
   * Asks for members of a guild, and collects the chunks of the answer.
   *
   * @throws {TautlineError} `late/reply`, `dropped/cancelled`, `lost/closed`
   */
  requestGuildMembers(
    request: MembersRequest,
    options?: MembersOptions,
  ): Promise<readonly GatewayGuildMembersChunkDispatchData[]>
  /** Asks for the sounds of guilds; they come as `SOUNDBOARD_SOUNDS`. */
  requestSoundboardSounds(guildIds: readonly string[], options?: CommandOptions): SendHandle
  /** Asks for what channels of a guild show; it comes as `CHANNEL_INFO`. */
  requestChannelInfo(guildId: string, fields: readonly string[], options?: CommandOptions): SendHandle

  /** The shard of a guild. */
  shardOf(guildId: string | bigint): number
  /** Goes over to another number of shards while events keep coming. Resolves when the new ones have taken over. */
  reshard(shards: Shards): Promise<void>
  /** Totals, as of now. */
  getStats(): GatewayStats
}

const VOICE_STATE_UPDATE = 4
const REQUEST_GUILD_MEMBERS = 8
const REQUEST_SOUNDBOARD_SOUNDS = 31
const REQUEST_CHANNEL_INFO = 43

/** The worst comes first: what one shard is, all are. */
const RANKS: readonly ConnectionStatus[] = ['failed', 'reconnecting', 'connecting', 'idle', 'closed', 'connected']

/** The gateway behind the interface. */
export class DiscordGateway implements ShardOwner {
  declare [Symbol.dispose]: () => void
  readonly settings: GatewaySettings
  readonly turns: IdentifyQueue
  readonly debug: ((shard: Shard, note: DebugNote) => void) | undefined
  state: GatewayState = { status: 'idle', cause: undefined }
  readonly #load: () => DiscordCoreConstructor
  readonly #background: Background
  readonly #events = new Emitter(this)
  readonly #lifecycle = new Emitter({ listenerError: report })
  #shards: readonly Shard[] = []
  /** Those that shall take over. */
  #coming: readonly Shard[] = []
  #overlap: Overlap | undefined
  #info: GatewayInfo | undefined
  /** Counts `connect`, `close` and `reshard`: what was begun before the last one is void. */
  #epoch = 0
  #destroyed = false

  constructor(options: GatewayOptions, load: () => DiscordCoreConstructor) {
    this.settings = parseGatewayOptions(options)
    this.#load = load
    const { name, spacingMs, perHour } = this.settings.identify
    this.turns = new IdentifyQueue(name, spacingMs, perHour)
    this.#background = new Background(
      () => [...this.#coming, ...this.#shards].forEach((shard) => shard.wake()),
      (why) => this.#shards.slice(0, 1).forEach((shard) => this.debug?.(shard, { type: 'decision', what: 'background', why })),
    )
    const { debug } = this.settings.given
    this.debug = debug && ((shard, note) => {
      try {
        debug({ ...note, shard: shard.id, at: Date.now() })
      } catch (error) {
        report(error)
      }
    })
    // Where browsers have it.
    if (Symbol.dispose) this[Symbol.dispose] = () => this.destroy()
  }

  get shards(): readonly ShardInfo[] {
    return this.#shards.map(infoOf)
  }

  connect(): void {
    this.#live()
    const run = (): void => {
      if (this.settings.given.backgroundTimer !== false) this.#background.start()
      for (const shard of this.#shards) shard.connect()
    }
    if (this.#shards.length > 0) return run()
    void this.#begin(this.settings.shards, (shards) => {
      this.#shards = shards
      run()
    })
  }

  close(): void {
    this.#epoch++
    this.#background.stop()
    for (const shard of [...this.#coming, ...this.#shards]) shard.close()
    this.#coming = []
    this.#aggregate()
  }

  retry(): void {
    this.#live()
    for (const shard of [...this.#coming, ...this.#shards]) shard.retry()
  }

  destroy(): void {
    if (this.#destroyed) return
    this.#epoch++
    this.#background.stop()
    for (const shard of [...this.#coming, ...this.#shards]) shard.destroy()
    this.#turn({ status: 'closed', cause: undefined })
    this.#destroyed = true
    this.#overlap?.end()
    this.#events.clear()
    this.#lifecycle.clear()
  }

  ready(): Promise<void> {
    this.#live()
    return new Promise((resolve, reject) => {
      const look = ({ status, cause }: GatewayState): boolean => {
        if (status === 'connected') resolve()
        else if (status === 'failed') reject(cause)
        else if (status === 'closed') reject(new TautlineError('dropped/closed'))
        else return false
        return true
      }
      if (look(this.state)) return
      const end = this.onLifecycle('state', (state) => look(state) && end())
    })
  }

  on(event: string, listener: Heard, options?: OnOptions): Unsubscribe {
    this.#live()
    return this.#events.on(event, listener, options)
  }

  onLifecycle<Name extends keyof GatewayLifecycle>(
    name: Name,
    listener: (event: GatewayLifecycle[Name]) => void,
    options?: ListenOptions,
  ): Unsubscribe {
    this.#live()
    return this.#lifecycle.on(name, listener as Heard, options)
  }

  send(op: number, data: unknown, options: CommandOptions = {}): SendHandle {
    this.#live()
    if (!(Number.isInteger(op) && op >= 0 && op <= 99)) {
      throw new TautlineError('misuse/invalid-argument', { message: '`op` must be an opcode: a whole number from 0 to 99.' })
    }
    return this.#shard(options.shard).send(op, data, options)
  }

  updatePresence(presence: GatewayPresenceUpdateData, shard?: number): void {
    this.#live()
    for (const each of shard === undefined ? this.#shards : [this.#shard(shard)]) {
      each.presence.update(presence, each.state.status === 'connected')
    }
  }

  updateVoiceState(state: GatewayVoiceStateUpdateData, options?: CommandOptions): SendHandle {
    return this.send(VOICE_STATE_UPDATE, state, { shard: this.shardOf(state.guild_id), ...options })
  }

  requestGuildMembers(
    request: MembersRequest,
    options: MembersOptions = {},
  ): Promise<readonly GatewayGuildMembersChunkDispatchData[]> {
    this.#live()
    const { timeoutMs = 15_000, ...rest } = options
    const shard = this.#shard(rest.shard ?? this.shardOf(request.guild_id))
    const send = (nonce: string): Promise<unknown> => shard.send(REQUEST_GUILD_MEMBERS, { ...request, nonce }, rest).receipt
    return shard.members.ask(send, timeoutMs, rest.signal)
  }

  requestSoundboardSounds(guildIds: readonly string[], options?: CommandOptions): SendHandle {
    const [first = '0'] = guildIds
    return this.send(REQUEST_SOUNDBOARD_SOUNDS, { guild_ids: guildIds }, { shard: this.shardOf(first), ...options })
  }

  requestChannelInfo(guildId: string, fields: readonly string[], options?: CommandOptions): SendHandle {
    return this.send(REQUEST_CHANNEL_INFO, { guild_id: guildId, fields }, { shard: this.shardOf(guildId), ...options })
  }

  shardOf(guildId: string | bigint): number {
    return shardOf(guildId, this.#shards[0]?.total ?? 1)
  }

  async reshard(shards: Shards): Promise<void> {
    this.#live()
    const next = parseGatewayOptions({ ...this.settings.given, shards }).shards
    await this.#begin(next, async (coming, current) => {
      this.#coming = coming
      this.#overlap = new Overlap()
      for (const shard of coming) shard.connect()
      try {
        await this.#connected(coming, current)
        await this.#overlap.share()
        if (current === this.#epoch) this.#takeOver(coming)
      } finally {
        this.#overlap.end()
        this.#overlap = undefined
        this.#coming = []
      }
    })
  }

  getStats(): GatewayStats {
    return totalOf(this.#shards, this.turns.remaining)
  }

  // From here on shards call.

  load(): DiscordCoreConstructor {
    return this.#load()
  }

  async address(): Promise<string> {
    const { url } = this.settings.given
    if (url === undefined) return this.#info?.url ?? ''
    return String(typeof url === 'function' ? await url() : url)
  }

  dispatch(shard: Shard, event: string, data: unknown, info: DispatchInfo): void {
    const { events } = this.settings
    if (events && !events.has(event)) return
    const side = this.#shards.includes(shard) ? 'old' : 'new'
    if (side === 'new' && !this.#coming.includes(shard)) return
    if (this.#overlap ? this.#overlap.admit(side, event, data) : side === 'old') this.#emit(event, data, info)
  }

  turned(shard: Shard): void {
    this.#tell('shard', { shard: shard.id, state: shard.state })
    this.#aggregate()
  }

  resumed(shard: Shard, replayed: number): void {
    this.#tell('resumed', { shard: shard.id, replayed })
  }

  missed(shard: Shard, held: number, next: number): void {
    this.#tell('gap', { shard: shard.id, lastSequence: held, nextSequence: next })
  }

  latency(shard: Shard, ms: number): void {
    this.#tell('latency', { shard: shard.id, ms })
  }

  problem(shard: Shard | undefined, error: TautlineError): void {
    this.#tell('problem', { shard: shard?.id, error })
  }

  listenerError(error: unknown, event: string): void {
    this.#tell('listenerError', { error, event })
    report(error)
  }

  #emit(event: string, data: unknown, info: DispatchInfo): void {
    this.#events.emit(event, data, { ...info, event })
  }

  /** Learns how many shards there shall be, and makes them. */
  async #begin(shards: Shards, then: (made: readonly Shard[], epoch: number) => unknown): Promise<void> {
    const epoch = ++this.#epoch
    const { info } = this.settings.given
    try {
      if (info) {
        if (this.#shards.length === 0) this.#turn({ status: 'connecting', cause: undefined })
        this.#info = await info()
        if (this.#info.session_start_limit) this.turns.update(this.#info.session_start_limit)
      }
      if (epoch !== this.#epoch) return
      const { total, ids } = placesOf(shards, this.#info)
      this.#checkBudget(ids.length)
      await then(ids.map((id) => new Shard(this, id, total)), epoch)
    } catch (cause) {
      const error = cause instanceof TautlineError ? cause : new TautlineError('lost/provider', { cause })
      if (this.#shards.length > 0 || epoch !== this.#epoch) throw error
      this.#turn({ status: 'failed', cause: error })
    }
  }

  #checkBudget(shards: number): void {
    const { remaining } = this.turns
    if (remaining >= shards) return
    throw new TautlineError('refused/rate-limited', {
      message: `${shards} shards need as many new sessions, and the gateway allows ${remaining} more today.`,
      details: { limit: remaining },
    })
  }

  #connected(shards: readonly Shard[], epoch: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): boolean => {
        const failed = shards.find((shard) => shard.state.status === 'failed')
        if (epoch !== this.#epoch) reject(new TautlineError('dropped/cancelled'))
        else if (failed) reject((failed.state as { cause?: TautlineError }).cause)
        else if (shards.every((shard) => shard.state.status === 'connected')) resolve()
        else return false
        for (const shard of failed || epoch !== this.#epoch ? shards : []) shard.destroy()
        return true
      }
      if (look()) return
      const end = this.#lifecycle.on('shard', () => void (look() && end()))
    })
  }

  #takeOver(coming: readonly Shard[]): void {
    const before = this.#shards
    this.#shards = coming
    for (const shard of before) shard.destroy()
    this.#aggregate()
  }

  #aggregate(): void {
    if (this.#shards.length === 0) return this.#turn({ status: this.#epoch > 0 ? 'closed' : 'idle', cause: undefined })
    const states = this.#shards.map((shard) => shard.state)
    const status = RANKS.find((rank) => states.some((state) => state.status === rank)) ?? 'idle'
    const worst = states.find((state) => state.status === status)
    this.#turn({ status, cause: worst && 'cause' in worst ? worst.cause : undefined })
  }

  #turn(state: GatewayState): void {
    if (this.#destroyed || (state.status === this.state.status && state.cause?.code === this.state.cause?.code)) return
    this.state = Object.freeze(state)
    this.#tell('state', state)
  }

  #tell<Name extends keyof GatewayLifecycle>(name: Name, event: GatewayLifecycle[Name]): void {
    this.#lifecycle.emit(name, event)
  }

  #shard(id: number | undefined): Shard {
    const shard = id === undefined ? this.#shards[0] : this.#shards.find((each) => each.id === id)
    if (shard) return shard
    const there = this.#shards.map((each) => each.id).join(', ') || 'none before `connect`'
    throw new TautlineError('misuse/invalid-argument', { message: `There is no shard ${id ?? ''} here. There are: ${there}.` })
  }

  #live(): void {
    if (this.#destroyed) throw new TautlineError('misuse/destroyed')
  }
}

/** The shard of a guild among `total`: by the time in its id, in whole 64 bits. */
export function shardOf(guildId: string | bigint, total: number): number {
  if (typeof guildId === 'string' && !/^\d{1,20}$/.test(guildId)) {
    throw new TautlineError('misuse/invalid-argument', { message: `A guild's id is a string of digits; came: ${String(guildId).slice(0, 30)}.` })
  }
  return Number((BigInt(guildId) >> 22n) % BigInt(total))
}

function placesOf(shards: Shards, info: GatewayInfo | undefined): { total: number; ids: readonly number[] } {
  if (typeof shards === 'object') return shards
  const total = shards === 'auto' ? Math.max(1, Math.floor(info?.shards ?? 1)) : shards
  return { total, ids: Array.from({ length: total }, (_, id) => id) }
}

function report(error: unknown): void {
  if (typeof reportError === 'function') reportError(error)
  else console.error(error)
}
