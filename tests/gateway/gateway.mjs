// The scripted gateway: real sockets on loopback, two doors (the one everybody knows and the one for resuming), and a record of all that happened.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { ChatConnection } from './chat.mjs'
import { compressor } from './compression.mjs'
import { Connection } from './connection.mjs'
import { IdentifyBuckets } from './identify.mjs'
import { settle } from './options.mjs'
import { Script } from './script.mjs'
import { Sessions } from './session.mjs'
import { World, shardOf } from './world.mjs'

/**
 * @typedef {import('./script.mjs').Rule} Rule
 * @typedef {import('./script.mjs').Action} Action
 * @typedef {import('./script.mjs').Refusal} Refusal
 * @typedef {'base' | 'resume'} Door
 *
 * One thing that happened. `at` is in milliseconds since the gateway started.
 * `kind`: `connect`, `sent` (by a client), `said` (by the gateway), `judged` (an IDENTIFY), `closing` (the gateway closes), `closed`, `refused`.
 * @typedef {{ at: number, connection: number, kind: string, name?: string, op?: any, d?: any, s?: any, t?: any, bytes?: number, code?: number, by?: string, reason?: string, door?: Door, query?: Record<string, string>, shard?: number, bucket?: number, sinceMs?: number | null }} Entry
 */

export class Gateway {
  options
  sessions
  identifies
  world
  script = new Script()
  /** Everything that happened, in order. @type {Entry[]} */
  log = []
  #started = performance.now()
  #tokenValid = true
  #count = 0
  /** @type {Map<number, Connection | ChatConnection>} */
  #connections = new Map()
  #upgrades = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 1 << 24 })
  /** @type {Record<Door, { server: import('node:http').Server, port: number, refusal: Refusal }>} */
  #doors
  /** @type {Set<import('node:stream').Duplex>} */
  #sockets = new Set()
  /** @type {Set<() => void>} */
  #waiting = new Set()

  /** @param {import('./options.mjs').Options} [options] */
  constructor(options = {}) {
    this.options = settle(options)
    this.sessions = new Sessions(this.options.sessionLifetimeMs)
    this.world = new World(this.options)
    this.identifies = new IdentifyBuckets({ concurrency: this.options.maxConcurrency, spacingMs: this.options.identifySpacingMs, total: this.options.identifyTotal, remaining: this.options.identifyRemaining })
    this.#doors = { base: this.#door('base'), resume: this.#door('resume') }
  }

  /**
   * Starts one on two free ports.
   * @param {import('./options.mjs').Options} [options]
   */
  static async start(options) {
    const gateway = new Gateway(options)
    await gateway.#listen('base')
    await gateway.#listen('resume')
    return gateway
  }

  /** What a client connects to. */
  get url() {
    return `ws://127.0.0.1:${this.#doors.base.port}`
  }

  /** What READY names. */
  get resumeUrl() {
    return `ws://127.0.0.1:${this.#doors.resume.port}`
  }

  /** Where `/gateway` and `/gateway/bot` are asked for, below any path. */
  get api() {
    return `http://127.0.0.1:${this.#doors.base.port}/api`
  }

  /** What `/gateway/bot` says. */
  get info() {
    const { total, remaining, concurrency } = this.identifies
    return { url: this.url, shards: this.options.shards, session_start_limit: { total, remaining, reset_after: 86_400_000, max_concurrency: concurrency } }
  }

  /**
   * Adds rules.
   * @param {...Rule} rules
   */
  on(...rules) {
    this.script.add(rules)
    return this
  }

  /**
   * Says an event to all sessions of the guild's shard, also to those that nobody holds just now. Without a guild: shard 0.
   * @param {string | null} guildId
   * @param {string} t
   * @param {unknown} d
   * @param {{ except?: number }} [who] a connection that does not hear it (chat dialect)
   */
  publish(guildId, t, d, { except } = {}) {
    if (this.options.dialect === 'chat') {
      for (const connection of this.#connections.values()) if (connection.number !== except) connection.dispatch(t, d)
      return
    }
    for (const session of this.sessions.all) {
      if (shardOf(guildId, session.shard[1]) !== session.shard[0]) continue
      const holder = session.holder === undefined ? undefined : this.#connections.get(session.holder)
      if (holder) holder.dispatch(t, d)
      else session.number(t, d)
    }
  }

  /**
   * Carries out actions now, on the connection with this number or on the one that came last.
   * @param {readonly Action[]} actions
   * @param {number} [connection]
   */
  async do(actions, connection) {
    const found = connection === undefined ? [...this.#connections.values()].at(-1) : this.#connections.get(connection)
    if (found) return found.run(actions)
    // With nobody there, only what concerns the doors makes sense.
    for (const action of actions) {
      if (!('refuse' in action)) throw new Error(`expected a connection for ${JSON.stringify(action)}, there is none`)
      await this.refuse(action.refuse, action.door)
    }
  }

  /** @param {number} number */
  connection(number) {
    return this.#connections.get(number)
  }

  /** Those that are open. */
  get connections() {
    return [...this.#connections.values()]
  }

  /**
   * Lets nobody in, at one door or at both.
   * @param {Refusal} refusal
   * @param {Door} [door]
   */
  async refuse(refusal, door) {
    for (const name of /** @type {const} */ (['base', 'resume'])) {
      const one = this.#doors[name]
      if (door !== undefined && door !== name) continue
      one.refusal = refusal
      if (refusal === true && one.server.listening) one.server.close()
      if (refusal !== true && !one.server.listening) await this.#listen(name)
    }
  }

  /** The budget is gone: everybody is thrown out, and the token is worth nothing any more. */
  revoke() {
    this.#tokenValid = false
    this.sessions.clear()
    for (const connection of this.connections) connection.close(4004)
  }

  /** @param {unknown} token */
  knows(token) {
    return this.#tokenValid && typeof token === 'string' && token.replace(/^Bot /, '') === this.options.token
  }

  /** @param {Omit<Entry, 'at'>} entry */
  record(entry) {
    this.log.push({ at: performance.now() - this.#started, ...entry })
    for (const wake of this.#waiting) wake()
  }

  /**
   * Tells the rules what happened. True when one of them takes the place of what the gateway would do.
   * @param {import('./wire.mjs').Wire} connection
   * @param {string} event
   * @param {unknown} d
   */
  fire(connection, event, d) {
    const rule = this.script.take(event, connection, d)
    if (!rule) return false
    const act = async () => {
      if (typeof rule.do === 'function') await rule.do(connection, d)
      else await connection.run(rule.do ?? [])
    }
    const failed = (/** @type {unknown} */ error) => this.script.mismatches.push({ connection: connection.number, on: event, expected: 'actions that work', got: String(error) })
    if (rule.instead) void act().catch(failed)
    // After what the gateway says by itself.
    else queueMicrotask(() => void act().catch(failed))
    return rule.instead === true
  }

  /**
   * What clients sent, by name, in order.
   * @param {string} name
   */
  sent(name) {
    return this.log.filter((entry) => entry.kind === 'sent' && entry.name === name)
  }

  /**
   * Waits for the entry that fits, also one of the past; with `times`, for that many.
   * @param {Partial<Entry> | ((entry: Entry) => boolean)} wanted
   * @param {{ timeoutMs?: number, times?: number }} [how]
   * @returns {Promise<Entry>}
   */
  async until(wanted, { timeoutMs = 10_000, times = 1 } = {}) {
    const fits = typeof wanted === 'function' ? wanted : (/** @type {Entry} */ entry) => Object.entries(wanted).every(([key, value]) => entry[/** @type {keyof Entry} */ (key)] === value)
    let seen = 0
    let at = 0
    const look = () => {
      for (; at < this.log.length; at += 1) {
        if (!fits(this.log[at])) continue
        seen += 1
        if (seen === times) return this.log[at]
      }
      return undefined
    }
    const found = look()
    if (found) return found
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer)
        this.#waiting.delete(wake)
      }
      const wake = () => {
        const entry = look()
        if (!entry) return
        end()
        resolve(entry)
      }
      const timer = setTimeout(() => {
        end()
        const last = this.log.slice(-8).map((entry) => JSON.stringify(entry).slice(0, 160))
        reject(new Error(`expected ${JSON.stringify(wanted) ?? wanted} ${times} time(s) within ${timeoutMs} ms, saw ${seen}; last:\n${last.join('\n')}`))
      }, timeoutMs)
      this.#waiting.add(wake)
    })
  }

  async close() {
    for (const connection of this.connections) connection.destroy()
    for (const socket of this.#sockets) socket.destroy()
    await Promise.all(
      Object.values(this.#doors).map(async ({ server }) => {
        if (!server.listening) return
        server.close()
        server.closeAllConnections()
        await once(server, 'close')
      }),
    )
  }

  /** @param {Door} name */
  #door(name) {
    const server = createServer((request, response) => this.#tell(request, response))
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => this.#sockets.delete(socket))
    })
    server.on('upgrade', (request, socket, head) => void this.#accept(name, request, /** @type {import('node:net').Socket} */ (socket), head))
    return { server, port: 0, refusal: /** @type {Refusal} */ (false) }
  }

  /** @param {Door} name */
  async #listen(name) {
    const door = this.#doors[name]
    door.server.listen({ host: '127.0.0.1', port: door.port })
    await once(door.server, 'listening')
    door.port = /** @type {import('node:net').AddressInfo} */ (door.server.address()).port
  }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  #tell(request, response) {
    const path = (request.url ?? '').split('?')[0]
    const answer = (/** @type {number} */ status, /** @type {unknown} */ body) => {
      response.writeHead(status, { 'content-type': 'application/json', 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' })
      response.end(JSON.stringify(body))
    }
    if (request.method === 'OPTIONS') return answer(200, {})
    if (path.endsWith('/gateway')) return answer(200, { url: this.url })
    if (!path.endsWith('/gateway/bot')) return answer(404, { message: '404: Not Found', code: 0 })
    if (!this.knows(request.headers.authorization)) return answer(401, { message: '401: Unauthorized', code: 0 })
    answer(200, this.info)
  }

  /**
   * @param {Door} door
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:net').Socket} socket
   * @param {Buffer} head
   */
  async #accept(door, request, socket, head) {
    const { refusal } = this.#doors[door]
    if (refusal !== false) {
      this.record({ connection: 0, kind: 'refused', door })
      if (typeof refusal === 'number') socket.end(`HTTP/1.1 ${refusal} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
      else if (refusal === true) socket.destroy()
      return
    }
    const url = new URL(request.url ?? '/', 'ws://127.0.0.1')
    const kind = url.searchParams.get('compress')
    const { windowLog, dialect } = this.options
    const made = kind === 'zlib-stream' || kind === 'zstd-stream' ? await compressor(kind, { windowLog }) : undefined
    this.#upgrades.handleUpgrade(request, socket, head, (ws) => {
      const opened = { number: (this.#count += 1), door, url, ws, socket }
      const connection = dialect === 'chat' ? new ChatConnection(this, opened) : new Connection(this, opened, made)
      this.#connections.set(connection.number, connection)
      ws.on('close', () => this.#connections.delete(connection.number))
      connection.start()
    })
  }
}
