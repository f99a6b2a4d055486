// Sessions: what was said to whom under which number, and for how long it can be said again.
import { randomBytes } from 'node:crypto'

/** @typedef {{ s: number, t: string, d: unknown }} Dispatch */

export class Session {
  id = randomBytes(16).toString('hex')
  /** @type {Dispatch[]} */
  kept = []
  /** The number that was given last. */
  seq
  /** @type {[number, number]} */
  shard
  /** @type {unknown} */
  presence
  /** The number of the connection that holds it. @type {number | undefined} */
  holder
  /** Since when nobody holds it, in milliseconds. @type {number | undefined} */
  lostAt

  /**
   * @param {number} firstSeq what READY is numbered with
   * @param {[number, number]} shard
   * @param {unknown} presence
   */
  constructor(firstSeq, shard, presence) {
    this.seq = firstSeq - 1
    this.shard = shard
    this.presence = presence
  }

  /**
   * Numbers an event and keeps it.
   * @param {string} t
   * @param {unknown} d
   */
  number(t, d) {
    this.seq += 1
    const dispatch = { s: this.seq, t, d }
    this.kept.push(dispatch)
    return dispatch
  }

  /**
   * What came after this number.
   * @param {number} seq
   */
  after(seq) {
    return this.kept.filter(({ s }) => s > seq)
  }
}

export class Sessions {
  /** @type {Map<string, Session>} */
  #sessions = new Map()
  #lifetimeMs

  /** @param {number} lifetimeMs how long a lost session can be resumed */
  constructor(lifetimeMs) {
    this.#lifetimeMs = lifetimeMs
  }

  get all() {
    return [...this.#sessions.values()]
  }

  /** @param {Session} session */
  add(session) {
    this.#sessions.set(session.id, session)
  }

  /**
   * @param {unknown} id
   * @param {number} now
   */
  find(id, now) {
    const session = this.#sessions.get(String(id))
    if (session?.lostAt === undefined || now - session.lostAt <= this.#lifetimeMs) return session
    this.#sessions.delete(session.id)
    return undefined
  }

  /** @param {Session} session */
  drop(session) {
    this.#sessions.delete(session.id)
  }

  clear() {
    this.#sessions.clear()
  }
}
