// One client of the chat-app dialect: plain `{type, payload}` events, a welcome with a shard, heartbeats from both sides, errors as events.
import { randomUUID } from 'node:crypto'
import { Wire } from './wire.mjs'

/** @typedef {import('./script.mjs').Action} Action */

export class ChatConnection extends Wire {
  id = randomUUID()
  /** @type {NodeJS.Timeout | undefined} */
  #watch
  #lastBeat = performance.now()

  start() {
    const query = Object.fromEntries(this.url.searchParams)
    this.gateway.record({ connection: this.number, kind: 'connect', door: this.door, query })
    if (!this.gateway.fire(this, 'connect', query)) this.act({ hello: true })
  }

  gone() {
    clearInterval(this.#watch)
  }

  /**
   * @param {Buffer} data
   * @param {boolean} isBinary
   */
  heard(data, isBinary) {
    /** @type {any} */
    let event
    try {
      if (isBinary) throw new Error('expected text')
      event = JSON.parse(String(data))
    } catch {
      return this.#fail('INVALID_JSON', 'expected JSON as text')
    }
    const type = event?.type
    const name = type === 'HEARTBEAT' ? 'heartbeat' : typeof type === 'string' ? type : 'unknown'
    this.gateway.record({ connection: this.number, kind: 'sent', name, d: event?.payload, bytes: data.length })
    if (this.gateway.fire(this, name, event?.payload)) return
    if (name === 'unknown') return this.#fail('INVALID_EVENT', 'expected a type')
    if (name !== 'heartbeat') return this.gateway.publish(null, type, event.payload, { except: this.number })
    this.#lastBeat = performance.now()
    // An answer to the server's own is not answered again.
    if (event.payload?.ack !== true) this.act({ ack: true })
  }

  /**
   * @param {string} code
   * @param {string} message
   */
  #fail(code, message) {
    this.act({ event: 'ERROR', payload: { code, message } })
  }

  /**
   * @param {string} type
   * @param {unknown} payload
   */
  dispatch(type, payload) {
    if (!this.open || this.muted) return
    this.gateway.record({ connection: this.number, kind: 'said', t: type })
    this.write(JSON.stringify({ type, payload }))
  }

  /** @param {Action} action */
  act(action) {
    const { options } = this.gateway
    if ('hello' in action) {
      const shardId = (this.number - 1) % options.shards
      const heartbeatInterval = action.hello === true ? options.heartbeatIntervalMs : (action.hello.intervalMs ?? options.heartbeatIntervalMs)
      this.dispatch('CONNECTION_ESTABLISHED', { connectionId: this.id, shardId, totalShards: options.shards, heartbeatInterval })
      this.#watchOver(Number(heartbeatInterval))
    } else if ('heartbeat' in action) this.dispatch('HEARTBEAT', { timestamp: Date.now() })
    else if ('ack' in action) this.dispatch('HEARTBEAT', { timestamp: Date.now(), ack: true })
    else if ('event' in action) this.dispatch(action.event, action.payload)
    else if ('dispatch' in action) {
      for (let index = 0; index < (action.count ?? 1); index += 1) this.dispatch(action.dispatch, action.d ?? { n: index })
    } else if ('send' in action) this.write(JSON.stringify(action.send))
    else super.act(action)
  }

  /** @param {number} intervalMs */
  #watchOver(intervalMs) {
    const { heartbeatTimeout, serverHeartbeats } = this.gateway.options
    if (!(intervalMs > 0)) return
    this.#lastBeat = performance.now()
    clearInterval(this.#watch)
    this.#watch = setInterval(() => {
      if (heartbeatTimeout > 0 && performance.now() - this.#lastBeat > intervalMs * heartbeatTimeout) return this.close(4009)
      if (serverHeartbeats) this.act({ heartbeat: true })
    }, intervalMs)
  }
}
