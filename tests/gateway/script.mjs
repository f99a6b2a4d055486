// The language of scripts: rules that say what happens when, and actions that say what is done. Plain data, so that it goes over HTTP too.
import { isDeepStrictEqual } from 'node:util'

/**
 * @typedef {{ op?: unknown, d?: unknown, s?: unknown, t?: unknown }} Payload
 *
 * What is done on one connection. Everything the gateway does by itself is an action too.
 * @typedef {{ wait: number }
 *   | { hello: true | { intervalMs?: unknown } }
 *   | { ready: true }
 *   | { resumed: true }
 *   | { ack: true }
 *   | { heartbeat: true }
 *   | { reconnect: true }
 *   | { invalidate: boolean }
 *   | { dispatch: string, d?: unknown, count?: number, s?: number | null | 'missing' }
 *   | { keep: string, d?: unknown, count?: number }
 *   | { send: unknown }
 *   | { corrupt: true }
 *   | { bomb: number }
 *   | { forget: true }
 *   | { event: string, payload?: unknown }
 *   | { text: string }
 *   | { hex: string }
 *   | { split: number | number[] | null }
 *   | { fragments: number }
 *   | { close: number | null, reason?: string }
 *   | { reset: true }
 *   | { fin: true }
 *   | { mute: boolean }
 *   | { refuse: Refusal, door?: 'base' | 'resume' }} Action
 *
 * `true` lets nobody in, a number answers with that HTTP status, `hang` never answers, `false` is back to normal.
 * @typedef {boolean | number | 'hang'} Refusal
 *
 * @typedef {object} Rule
 * @property {string} on `connect`, `closed`, the name of what a client sends (`identify`, `resume`, `heartbeat`, …), or `send` for all of these
 * @property {number} [connection] only on this one
 * @property {number} [shard] only of this shard
 * @property {Record<string, unknown>} [where] only when these fields are so
 * @property {number} [times] how often it applies: once, unless said otherwise; 0 is always
 * @property {boolean} [instead] the gateway leaves out what it would do by itself
 * @property {Record<string, unknown>} [expect] fields that have to be so; what is not ends in `mismatches`
 * @property {readonly Action[] | ((connection: any, d: any) => unknown)} [do]
 */

/** The rules in force, each with how often it still applies. */
export class Script {
  /** @type {{ rule: Rule, left: number, fired: number }[]} */
  #rules = []
  /** @type {{ connection: number, on: string, expected: unknown, got: unknown }[]} */
  mismatches = []

  /** @param {readonly Rule[]} rules */
  add(rules) {
    for (const rule of rules) this.#rules.push({ rule, left: rule.times === 0 ? Infinity : (rule.times ?? 1), fired: 0 })
  }

  clear() {
    this.#rules = []
    this.mismatches = []
  }

  /** Rules that never applied. */
  get unspent() {
    return this.#rules.filter(({ fired }) => fired === 0).map(({ rule }) => rule)
  }

  /**
   * The rule that fits, which is then spent once: one that ends goes before one that always applies.
   * @param {string} event
   * @param {{ number: number, session?: { shard: [number, number] } | undefined }} connection
   * @param {unknown} d
   * @returns {Rule | undefined}
   */
  take(event, connection, d) {
    const fields = /** @type {Record<string, unknown>} */ (d !== null && typeof d === 'object' ? d : { d })
    const shard = connection.session?.shard[0] ?? /** @type {number[] | undefined} */ (fields.shard)?.[0]
    const fits = this.#rules.filter(
      ({ rule, left }) =>
        left > 0 &&
        (rule.on === event || (rule.on === 'send' && event !== 'connect' && event !== 'closed')) &&
        (rule.connection === undefined || rule.connection === connection.number) &&
        (rule.shard === undefined || rule.shard === shard) &&
        Object.entries(rule.where ?? {}).every(([key, value]) => isDeepStrictEqual(fields[key], value)),
    )
    const found = fits.find(({ left }) => left !== Infinity) ?? fits[0]
    if (!found) return undefined
    found.left -= 1
    found.fired += 1
    for (const [key, expected] of Object.entries(found.rule.expect ?? {})) {
      if (isDeepStrictEqual(fields[key], expected)) continue
      this.mismatches.push({ connection: connection.number, on: event, expected: { [key]: expected }, got: { [key]: fields[key] } })
    }
    return found.rule
  }
}
