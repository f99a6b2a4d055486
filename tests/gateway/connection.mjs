// One client of the Discord dialect: what it may say when, what it is answered, and with which code it is sent away.
import { CLOSE_REASONS, ENDS_SESSION, KNOWN_INTENTS, Op, PRIVILEGED_INTENTS, SENDS } from './codes.mjs'
import { deflatePayload } from './compression.mjs'
import { decodeEtf, encodeEtf } from './etf.mjs'
import { Session } from './session.mjs'
import { Wire } from './wire.mjs'
import { BOT } from './world.mjs'

/** @typedef {import('./script.mjs').Action} Action */

const MOST_BYTES = 4096
/** Ids leave as 64-bit integers in ETF, as they do at Discord. */
const SNOWFLAKE = /^(?:id|.*_id)$/

export class Connection extends Wire {
  /** @type {Session | undefined} */
  session
  /** Set by IDENTIFY: payloads of their own zlib stream. */
  compressPayloads = false
  #compressor
  #etf
  /** @type {number[]} */
  #sends = []
  #intents = 0
  #resumeSeq = 0
  #lastBeat = performance.now()
  #asked = false
  /** @type {NodeJS.Timeout | undefined} */
  #watch

  /**
   * @param {import('./gateway.mjs').Gateway} gateway
   * @param {import('./wire.mjs').Opened} opened
   * @param {import('./compression.mjs').Compressor | undefined} compressor
   */
  constructor(gateway, opened, compressor) {
    super(gateway, opened)
    this.#compressor = compressor
    this.#etf = opened.url.searchParams.get('encoding') === 'etf'
  }

  /** The first word, unless a rule has it. */
  start() {
    const query = Object.fromEntries(this.url.searchParams)
    this.gateway.record({ connection: this.number, kind: 'connect', door: this.door, query })
    if (this.gateway.fire(this, 'connect', query)) return
    if (query.v !== '10') return this.close(4012)
    if (query.encoding !== 'json' && query.encoding !== 'etf') return this.close(4002)
    if (query.compress !== undefined && !this.#compressor) return this.close(4002)
    this.act({ hello: true })
  }

  /**
   * @param {number | null} code
   * @param {string} [reason]
   */
  close(code, reason) {
    if (code !== null && ENDS_SESSION.has(code) && this.session) this.gateway.sessions.drop(this.session)
    super.close(code, reason ?? CLOSE_REASONS[code ?? 0] ?? '')
  }

  /**
   * @param {number} code
   * @param {'client' | 'server'} by
   */
  gone(code, by) {
    clearInterval(this.#watch)
    this.#compressor?.free()
    this.#compressor = undefined
    if (by === 'client' && (code === 1000 || code === 1001) && this.session?.holder === this.number) this.#forget()
    this.#release()
  }

  /**
   * @param {Buffer} data
   * @param {boolean} isBinary
   */
  heard(data, isBinary) {
    const now = performance.now()
    this.#sends = this.#sends.filter((at) => now - at < this.gateway.options.sendWindowMs)
    this.#sends.push(now)
    /** @type {any} */
    let payload
    try {
      if (isBinary !== this.#etf) throw new Error(`expected ${this.#etf ? 'bytes' : 'text'}`)
      payload = this.#etf ? decodeEtf(data) : JSON.parse(String(data))
    } catch (error) {
      this.gateway.record({ connection: this.number, kind: 'sent', name: 'undecodable', bytes: data.length, reason: String(error) })
      return this.close(4002)
    }
    const op = payload?.op
    const name = SENDS.find((one) => Op[one] === op) ?? 'unknown'
    this.gateway.record({ connection: this.number, kind: 'sent', name, op, d: payload?.d, bytes: data.length })
    if (data.length > MOST_BYTES) return this.close(4002)
    if (this.#sends.length > this.gateway.options.sendLimit) return this.close(4008)
    if (this.gateway.fire(this, name, payload?.d)) return
    if (payload === null || typeof payload !== 'object' || !Number.isInteger(op)) return this.close(4002)
    if (name === 'unknown') return this.close(4001)
    this.#answer(name, payload.d, now)
  }

  /**
   * @param {typeof SENDS[number]} name
   * @param {any} d
   * @param {number} now
   */
  #answer(name, d, now) {
    if (name === 'heartbeat') return this.#heartbeat(d, now)
    if (d === null || typeof d !== 'object') return this.close(4002)
    if (name === 'identify') return this.#identify(d, now)
    if (name === 'resume') return this.#resume(d, now)
    if (!this.session) return this.close(4003)
    const { world } = this.gateway
    if (name === 'presence') {
      if (!['online', 'dnd', 'idle', 'invisible', 'offline'].includes(d.status) || !Array.isArray(d.activities)) return this.close(4002)
      this.session.presence = d
      return
    }
    const events =
      name === 'voiceState' ? world.voice(d, this.session.id)
      : name === 'requestMembers' ? world.members(d, now)
      : name === 'requestSoundboard' ? world.sounds(d)
      : world.channels(d)
    if (!events) return this.close(4002)
    for (const event of events) this.dispatch(event.t, event.d)
  }

  /**
   * @param {unknown} d
   * @param {number} now
   */
  #heartbeat(d, now) {
    const whole = Number.isInteger(d) && /** @type {number} */ (d) >= 0
    if (d !== null && !whole) return this.close(4002)
    this.#lastBeat = now
    this.#asked = false
    this.act({ ack: true })
  }

  /**
   * @param {any} d
   * @param {number} now
   */
  #identify(d, now) {
    const { options, identifies } = this.gateway
    if (this.session) return this.close(4005)
    if (!this.gateway.knows(d.token)) return this.close(4004)
    if (d.properties === null || typeof d.properties !== 'object') return this.close(4002)
    const [id, shards] = d.shard ?? [0, 1]
    if (!Number.isInteger(id) || !Number.isInteger(shards) || id < 0 || id >= shards) return this.close(4010)
    if (shards < options.requiredShards) return this.close(4011)
    if (!Number.isInteger(d.intents) || d.intents < 0 || (d.intents & ~KNOWN_INTENTS) !== 0) return this.close(4013)
    if ((d.intents & PRIVILEGED_INTENTS & ~options.allowedIntents) !== 0) return this.close(4014)
    const { verdict, bucket, sinceMs } = identifies.judge(id, now)
    this.gateway.record({ connection: this.number, kind: 'judged', name: verdict, shard: id, bucket, sinceMs })
    if (verdict === 'exhausted') return this.gateway.revoke()
    if (verdict === 'early') return this.act({ invalidate: false })
    this.compressPayloads = d.compress === true && !this.#compressor && !this.#etf
    this.#intents = d.intents
    this.#open(new Session(options.firstSeq, [id, shards], d.presence))
    this.act({ ready: true })
  }

  /** @param {Session} session */
  #open(session) {
    session.holder = this.number
    this.session = session
    this.gateway.sessions.add(session)
  }

  /**
   * @param {any} d
   * @param {number} now
   */
  #resume(d, now) {
    if (this.session) return this.close(4005)
    if (!this.gateway.knows(d.token)) return this.close(4004)
    const session = this.gateway.sessions.find(d.session_id, now)
    if (!session) return this.act({ invalidate: false })
    if (!Number.isInteger(d.seq) || d.seq < 0 || d.seq > session.seq) {
      this.gateway.sessions.drop(session)
      return this.close(4007)
    }
    // The one that held it is a ghost by now: it goes without taking the session along.
    const ghost = session.holder === undefined ? undefined : this.gateway.connection(session.holder)
    session.lostAt = undefined
    session.holder = this.number
    this.session = session
    ghost?.destroy()
    this.#resumeSeq = d.seq
    this.act({ resumed: true })
  }

  /**
   * Numbers an event for the session, keeps it, and says it when there is anyone to hear it.
   * @param {string} t
   * @param {unknown} d
   */
  dispatch(t, d) {
    if (!this.session) return this.#say({ op: Op.dispatch, d, s: null, t })
    const { s } = this.session.number(t, d)
    this.#say({ op: Op.dispatch, d, s, t })
  }

  /**
   * @param {unknown} payload
   * @param {{ corrupt?: boolean }} [how]
   */
  #say(payload, { corrupt = false } = {}) {
    if (!this.open || this.muted) return
    const { op, d, s, t } = /** @type {any} */ (payload ?? {})
    this.gateway.record({ connection: this.number, kind: 'said', op, s, t, ...(op === Op.dispatch ? {} : { d }) })
    const text = JSON.stringify(payload)
    const plain = this.#etf ? encodeEtf(withIntegers(payload)) : Buffer.from(text)
    if (this.#compressor) return this.write(spoil(this.#compressor.compress(plain), corrupt))
    if (this.#etf) return this.write(spoil(plain, corrupt))
    if (this.compressPayloads && plain.length >= this.gateway.options.payloadThreshold) return this.write(spoil(deflatePayload(plain), corrupt))
    this.write(corrupt ? text.slice(0, text.length >> 1) : text)
  }

  /** @param {Action} action */
  act(action) {
    if ('hello' in action) {
      const announced = action.hello === true || action.hello.intervalMs === undefined ? this.gateway.options.heartbeatIntervalMs : action.hello.intervalMs
      this.#say({ op: Op.hello, d: { heartbeat_interval: announced, _trace: [] }, s: null, t: null })
      if (typeof announced === 'number' && announced > 0) this.#watchOver(announced)
    } else if ('ready' in action) this.#ready()
    else if ('resumed' in action) {
      if (!this.session) throw new Error('expected a session to resume')
      for (const { s, t, d } of this.session.after(this.#resumeSeq)) this.#say({ op: Op.dispatch, d, s, t })
      this.dispatch('RESUMED', { _trace: [] })
    } else if ('ack' in action) this.#say({ op: Op.heartbeatAck, d: null, s: null, t: null })
    else if ('heartbeat' in action) this.#say({ op: Op.heartbeat, d: null, s: null, t: null })
    else if ('reconnect' in action) this.#say({ op: Op.reconnect, d: null, s: null, t: null })
    else if ('invalidate' in action) {
      if (action.invalidate) this.#release()
      else this.#forget()
      this.#say({ op: Op.invalidSession, d: action.invalidate, s: null, t: null })
    } else if ('dispatch' in action) this.#scripted(action)
    else if ('keep' in action) {
      for (let index = 0; index < (action.count ?? 1); index += 1) this.session?.number(action.keep, numbered(action.d, index))
    } else if ('send' in action) this.#say(action.send)
    else if ('corrupt' in action) this.#say({ op: Op.dispatch, d: { corrupt: 'x'.repeat(600) }, s: null, t: 'CORRUPT' }, { corrupt: true })
    else if ('bomb' in action) this.#say({ op: Op.dispatch, d: { bomb: '0'.repeat(action.bomb) }, s: null, t: 'BOMB' })
    else if ('forget' in action) this.#forget()
    else super.act(action)
  }

  /** The session stays, and can be resumed: on another connection, or on this one. */
  #release() {
    if (this.session?.holder === this.number) {
      this.session.holder = undefined
      this.session.lostAt = performance.now()
    }
    this.session = undefined
  }

  #forget() {
    if (!this.session) return
    this.gateway.sessions.drop(this.session)
    this.session = undefined
  }

  #ready() {
    const session = this.session ?? new Session(this.gateway.options.firstSeq, [0, 1], undefined)
    this.#open(session)
    const guilds = this.gateway.world.guildsOf(session.shard)
    this.dispatch('READY', {
      v: 10,
      user: BOT,
      guilds: guilds.map((id) => ({ id, unavailable: true })),
      session_id: session.id,
      session_type: 'normal',
      resume_gateway_url: this.gateway.resumeUrl,
      shard: session.shard,
      application: { id: BOT.id, flags: 0 },
      private_channels: [],
      relationships: [],
      _trace: [],
    })
    if ((this.#intents & 1) === 0) return
    for (const id of guilds) this.dispatch('GUILD_CREATE', this.gateway.world.guild(id))
  }

  /** @param {Extract<Action, { dispatch: string }>} action */
  #scripted({ dispatch: t, d, count = 1, s }) {
    for (let index = 0; index < count; index += 1) {
      const data = numbered(d, index)
      if (s === undefined) this.dispatch(t, data)
      // As the script says it: neither counted nor kept.
      else if (s === 'missing') this.#say({ op: Op.dispatch, d: data, t })
      else this.#say({ op: Op.dispatch, d: data, s, t })
    }
  }

  /** @param {number} intervalMs */
  #watchOver(intervalMs) {
    const { heartbeatTimeout, serverHeartbeats } = this.gateway.options
    this.#lastBeat = performance.now()
    clearInterval(this.#watch)
    this.#watch = setInterval(() => {
      const silentMs = performance.now() - this.#lastBeat
      if (heartbeatTimeout > 0 && silentMs > intervalMs * heartbeatTimeout) return this.close(4009)
      if (!serverHeartbeats || this.#asked || silentMs < intervalMs * 0.9) return
      this.#asked = true
      this.act({ heartbeat: true })
    }, Math.max(1, intervalMs / 10))
  }
}

/**
 * Repeated events carry which one they are, unless the script gives the data.
 * @param {unknown} d
 * @param {number} index
 */
function numbered(d, index) {
  return d ?? { n: index }
}

/**
 * The end stays, so that a stream's flush mark is there and the damage is found by decoding only.
 * @param {Buffer} bytes
 * @param {boolean} corrupt
 */
function spoil(bytes, corrupt) {
  if (corrupt) for (let at = Math.min(6, bytes.length >> 1); at < bytes.length - 4; at += 1) bytes[at] ^= 0xff
  return bytes
}

/**
 * @param {any} value
 * @param {string} [key]
 * @returns {unknown}
 */
function withIntegers(value, key = '') {
  if (typeof value === 'string') return SNOWFLAKE.test(key) && /^\d{1,20}$/.test(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map((item) => withIntegers(item))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withIntegers(item, name)]))
}
