/**
 * One shard: one session with the gateway, on one core. Takes what the core says to where it belongs, and gives it what it asks
 * for: the address, the token and, before a new session, its turn to identify.
 * Not here: connecting again, resuming, beating, limits (the core), which shards there are (gateway.ts).
 */
import type { GatewayGuildMembersChunkDispatchData } from 'discord-api-types/v10'
import type { ErrorCode } from '../codes.ts'
import * as core from '../core.ts'
import { fromCore, invalid, TautlineError } from '../error.ts'
import { type ConnectionStats, infoOf, statsOf } from '../info.ts'
import type { SendHandle, SendOptions } from '../send.ts'
import { Sends } from '../sends.ts'
import { type ConnectionState, IDLE, type StateOf, statuses } from '../state.ts'
import { resolveUrl } from '../url.ts'
import type { DebugNote } from './debug.ts'
import type { DispatchInfo } from './events.ts'
import type { Done, IdentifyQueue } from './identify.ts'
import { MemberRequests } from './members.ts'
import type { GatewaySettings } from './options.ts'
import { PresenceLane } from './presence.ts'
import { keepSession, takeSession } from './resume.ts'
import { type Decoder, Transport } from './transport.ts'

// The numbers of codes.ts.
const BAD_FRAME = 8
const PROTOCOL = 11
const LOST_PROVIDER = 30

/** The core of this protocol. */
export interface DiscordCore extends core.CoreApi {
  /** The last sequence number; negative before the first. */
  sequence(): number
  sendsLeft(): number
  restoreSession(id: string, sequence: number, url: string | undefined): void
}

/** How it is made. */
export type DiscordCoreConstructor = new (options: core.CoreOptions & { protocol: ProtocolOptions }, host: core.CoreHost) => DiscordCore

/** What the core's half of the protocol is told. */
export interface ProtocolOptions {
  /** The members of IDENTIFY's `d` besides the token, as JSON without the braces. */
  readonly identify: string
  readonly invalidSessionMinMs: number
  readonly invalidSessionMaxMs: number
}

/** Who runs shards. */
export interface ShardOwner {
  readonly settings: GatewaySettings
  readonly turns: IdentifyQueue
  load(): DiscordCoreConstructor
  /** Where the gateway is. */
  address(): Promise<string>
  dispatch(shard: Shard, event: string, data: unknown, info: DispatchInfo): void
  turned(shard: Shard): void
  resumed(shard: Shard, replayed: number): void
  missed(shard: Shard, held: number, next: number): void
  latency(shard: Shard, ms: number): void
  problem(shard: Shard, error: TautlineError): void
  listenerError(error: unknown, event: string): void
  debug: ((shard: Shard, note: DebugNote) => void) | undefined
}

/** One of a gateway's shards. */
export class Shard implements core.CoreHost {
  readonly id: number
  readonly total: number
  readonly hasToken: boolean
  readonly members: MemberRequests = new MemberRequests()
  readonly presence: PresenceLane
  state: ConnectionState = IDLE
  /** The session's name, once there is one. */
  session: string | undefined
  readonly #owner: ShardOwner
  readonly #transport: Transport
  readonly #sends: Sends
  #core: DiscordCore | undefined
  #resumeUrl: string | undefined
  #resumes = 0
  #replayed = 0
  /** Of them, those before the present connection. */
  #replayedBefore = 0
  /** Ends whatever the shard waits for. */
  #life = new AbortController()
  #done: Done | undefined
  /** Whether the present attempt said IDENTIFY. */
  #identified = false
  #providerError: unknown
  /** The session is new, and identify said another presence than the latest. */
  #owesPresence = false
  #destroyed = false
  readonly #leaves = (): void => this.#keep()

  constructor(owner: ShardOwner, id: number, total: number) {
    this.#owner = owner
    this.id = id
    this.total = total
    const { given, base } = owner.settings
    this.hasToken = typeof base.token === 'function'
    const debug = owner.debug && ((note: DebugNote): void => owner.debug?.(this, note))
    this.#transport = new Transport(owner.settings, (error) => owner.problem(this, error), debug)
    const sender = {
      live: (): void => this.#live(),
      call: <T>(action: (core: core.CoreApi) => T): T => this.call(action),
      listenerError: (error: unknown, event: string): void => owner.listenerError(error, event),
    }
    this.#sends = new Sends(sender, String, (content) => this.#transport.measure(content))
    this.presence = new PresenceLane((presence) => void this.send(3, presence))
    if (given.presence) this.presence.update(given.presence, false)
  }

  /** What it counted. */
  stats(): ConnectionStats {
    return { ...statsOf(this.#core?.numbers()), recovered: this.#resumes, replayed: this.#replayed }
  }

  /** Bytes that compression kept off the line. */
  get bytesSaved(): number {
    return this.#transport.bytesSaved
  }

  /** Commands that may go out now. */
  get sendsLeft(): number {
    return this.#core?.sendsLeft() ?? 0
  }

  /** Commands that wait for their turn. */
  get queueSize(): number {
    return infoOf(this.state.status, NOBODY, this.#core?.numbers()).queueSize
  }

  connect(): void {
    if (this.#life.signal.aborted) this.#life = new AbortController()
    try {
      this.call((made) => made.call(core.CONNECT))
    } catch (cause) {
      this.#turn('failed', cause instanceof TautlineError ? cause : new TautlineError('internal/panic', { cause }))
    }
    if (typeof addEventListener === 'function') addEventListener('pagehide', this.#leaves)
  }

  close(): void {
    this.#end()
    this.#core?.call(core.CLOSE)
  }

  retry(): void {
    this.#core?.call(core.RETRY)
  }

  /** Does what is due, where the page's timers come too late. */
  wake(): void {
    this.#core?.call(core.WAKE)
  }

  destroy(): void {
    if (this.#destroyed) return
    this.#destroyed = true
    this.#end()
    this.members.fail(new TautlineError('dropped/closed'))
    const made = this.#core
    made?.call(core.DESTROY)
    queueMicrotask(() => made?.free())
    this.#sends.failAll('dropped/closed')
    this.#core = undefined
    this.#turn('closed')
  }

  /** Sends a command: its opcode and its data. */
  send(op: number, data: unknown, options?: SendOptions & { priority?: boolean | undefined }): SendHandle {
    return this.#sends.send({ name: '', id: () => 0 }, String(op), data, options)
  }

  /** Lets the core do something, and makes it first if there is none. */
  call<T>(action: (core: DiscordCore) => T): T {
    return action((this.#core ??= this.#make()))
  }

  // From here on the core calls.

  async url(): Promise<string> {
    return this.#provide(async () => {
      await this.#transport.prepare()
      return resolveUrl(await this.#limited(this.#owner.address()))
    })
  }

  address(url: string): string {
    return this.#transport.address(url)
  }

  decoder(): Decoder | undefined {
    return this.#transport.decoder()
  }

  encode(text: string): string | Uint8Array {
    if (text.startsWith(IDENTIFY)) this.#identified = true
    return this.#transport.encode(text)
  }

  async token(why: 'connect' | 'resume' | 'refresh' | 'refused'): Promise<string | undefined> {
    return this.#provide(async () => {
      const { token } = this.#owner.settings.base
      const asked = why === 'resume' ? 'connect' : why
      const given: unknown = typeof token === 'function' ? await this.#limited(Promise.resolve(token(asked))) : token
      if (given !== undefined && given !== null && typeof given !== 'string') invalid('token', 'the function to give a string', typeof given)
      if (why === 'resume') this.#note('resume', `the session stands, from ${this.#core?.sequence()} on`)
      else await this.#takeTurn()
      return given ?? undefined
    })
  }

  message(_: number, event: string, data: unknown, __: number, ___: number, frame: core.Envelope): void {
    const { s } = frame as { s?: unknown }
    const replayed = this.state.status !== 'connected'
    if (replayed) this.#replayed++
    if (event === 'GUILD_MEMBERS_CHUNK') this.members.handle(data as GatewayGuildMembersChunkDispatchData)
    this.#dispatch(event, data, s, replayed)
  }

  event(kind: number, a: number, b: number, c: number, value: unknown): void {
    switch (kind) {
      case core.STATE:
        return this.#turn(statuses[a] ?? 'failed', b > 0 ? this.#error(b) : undefined, c)
      case core.WELCOME:
        return this.#welcome(a === 1, value as Dispatch)
      case core.GAP:
        return this.#owner.missed(this, b, c)
      case core.SENT:
        return this.#sends.sent(a)
      case core.FAILED:
        return this.#sends.failed(a, fromCore(b, value))
      case core.PROBLEM:
        return this.#owner.problem(this, this.#error(b, value))
      case core.LATENCY:
        this.#timer('heartbeat', a)
        return this.#owner.latency(this, a)
    }
  }

  #welcome(resumed: boolean, { t, d, s }: Dispatch): void {
    this.#endTurn()
    const data = (d ?? {}) as Record<string, unknown>
    const replayed = this.#replayed - this.#replayedBefore
    this.#replayedBefore = this.#replayed
    if (!resumed) {
      this.members.fail(new TautlineError('lost/closed', { message: 'The session ended.' }))
      this.session = String(data['session_id'])
      this.#resumeUrl = typeof data['resume_gateway_url'] === 'string' ? data['resume_gateway_url'] : undefined
    }
    this.#owesPresence = !resumed && this.presence.latest !== this.#owner.settings.given.presence
    if (resumed) {
      this.#resumes++
      this.#owner.resumed(this, replayed)
    }
    this.#dispatch(t, d, s, false)
  }

  #dispatch(event: string, data: unknown, sequence: unknown, replayed: boolean): void {
    const info = { shard: this.id, sequence: typeof sequence === 'number' ? sequence : undefined, replayed }
    this.#owner.dispatch(this, event, data, info)
  }

  #make(): DiscordCore {
    this.#live()
    const { base, given, intents, invalidSessionWaitMs, compression, resume } = this.#owner.settings
    const { properties = PROPERTIES, largeThreshold, presence } = given
    const shard = this.total > 1 || typeof given.shards === 'object' ? [this.id, this.total] : undefined
    const identify = { intents, properties, large_threshold: largeThreshold, presence, shard, compress: compression === 'payload' || undefined }
    const [invalidSessionMinMs, invalidSessionMaxMs] = invalidSessionWaitMs
    const protocol = { identify: JSON.stringify(identify).slice(1, -1), invalidSessionMinMs, invalidSessionMaxMs }
    const [seed = 0] = crypto.getRandomValues(new Uint32Array(1))
    const Core = this.#owner.load()
    const made = new Core({ ...base.core, session: '', seed, protocol }, this)
    const kept = resume === undefined ? undefined : takeSession(this.#name(resume))
    if (kept) {
      made.restoreSession(kept.id, kept.sequence, kept.url)
      this.session = kept.id
      this.#resumeUrl = kept.url
      this.#note('resume', 'the page before this one left a session')
    }
    return made
  }

  #live(): void {
    if (this.#destroyed) throw new TautlineError('misuse/destroyed')
  }

  #keep(): void {
    const { resume } = this.#owner.settings
    const sequence = this.#core?.sequence() ?? -1
    if (resume === undefined || this.session === undefined || sequence < 0) return
    keepSession(this.#name(resume), { id: this.session, sequence, url: this.#resumeUrl })
  }

  #name(name: string): string {
    return `${name}:${this.id}/${this.total}`
  }

  async #takeTurn(): Promise<void> {
    this.#endTurn()
    const { signal } = this.#life
    const asked = Date.now()
    const done = await this.#owner.turns.turn(this.id, signal)
    this.#timer('identify', Date.now() - asked)
    this.#note('identify', 'there is no session to resume')
    if (signal.aborted) done(false)
    else this.#done = done
  }

  #endTurn(): void {
    this.#done?.(this.#identified)
    this.#done = undefined
    this.#identified = false
  }

  #end(): void {
    this.#life.abort(new TautlineError('dropped/closed'))
    this.#endTurn()
    this.presence.pause()
    if (typeof removeEventListener === 'function') removeEventListener('pagehide', this.#leaves)
  }

  /** The application's own functions may take so long, and no longer. */
  async #limited<T>(given: Promise<T>): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new TautlineError('late/resolve')), this.#owner.settings.providerTimeoutMs)
    })
    return Promise.race([given, late]).finally(() => clearTimeout(timer))
  }

  async #provide<T>(provide: () => Promise<T>): Promise<T> {
    try {
      return await provide()
    } catch (error) {
      this.#providerError = error
      throw error
    }
  }

  #error(code: number, said?: unknown): TautlineError {
    const { fault } = this.#transport
    if (fault && code === BAD_FRAME) return new TautlineError('peer/bad-frame', { message: fault.message, cause: fault })
    if (fault && code === PROTOCOL) return new TautlineError('peer/protocol', { message: fault.message, cause: fault })
    if (code !== LOST_PROVIDER) return advised(fromCore(code, said))
    const cause = this.#providerError
    return cause instanceof TautlineError ? cause : fromCore(code, said, {}, cause)
  }

  #note(what: string, why: string): void {
    this.#owner.debug?.(this, { type: 'decision', what, why })
  }

  /** So long was or is the wait. */
  #timer(what: 'reconnect' | 'identify' | 'heartbeat', ms: number): void {
    this.#owner.debug?.(this, { type: 'timer', what, ms })
  }

  #turn(status: ConnectionState['status'], cause?: TautlineError, retryInMs?: number): void {
    if (status !== 'connected') {
      if (status !== 'connecting') this.#endTurn()
      this.presence.pause()
    }
    const next: StateOf<typeof status> = {
      status,
      since: Date.now(),
      ...(cause && { cause }),
      ...(status === 'reconnecting' && { retryInMs: retryInMs ?? 0 }),
    }
    this.state = Object.freeze(next) as ConnectionState
    this.#owner.debug?.(this, { type: 'state', status, cause: cause?.code, retryInMs })
    if (status === 'reconnecting') this.#timer('reconnect', retryInMs ?? 0)
    this.#owner.turned(this)
    if (status === 'connected' && this.#owesPresence) this.presence.flush()
  }
}

interface Dispatch {
  readonly t: string
  readonly d: unknown
  readonly s: unknown
}

/** How the core's frame begins: src/protocol/discord/payload.rs. */
const IDENTIFY = '{"op":2,'
const NOBODY = { connectionId: undefined, member: undefined, user: undefined, shardId: undefined }
const PROPERTIES = { os: 'browser', browser: 'tautline', device: 'tautline' }

/** What to do about what only a gateway refuses. */
const ADVICE: Partial<Record<ErrorCode, string>> = {
  'refused/invalid-shard': 'Check `shards`.',
  'refused/sharding-required': 'Raise `shards`.',
  'refused/invalid-intents': 'Check `intents`.',
  'refused/disallowed-intents': 'Have these `intents` granted, or leave them out.',
}

function advised(error: TautlineError): TautlineError {
  const message = ADVICE[error.code]
  return message ? new TautlineError(error.code, { message, details: error.details }) : error
}
