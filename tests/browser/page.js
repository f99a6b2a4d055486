// The JavaScript side of these tests: a host that records what the core tells, and lets a test wait for it.

export class Recorder {
  /** Without a `url`, `url()` never settles. */
  constructor(url) {
    this.address = url
    this.hasToken = false
    this.log = []
    this.waiting = []
    this.sockets = 0
  }

  url() {
    if (this.failure !== undefined) return Promise.reject(this.failure)
    return this.address === undefined ? new Promise((resolve) => (this.answer = resolve)) : Promise.resolve(this.address)
  }

  token() {
    return Promise.resolve(undefined)
  }

  message(channel, event, payload, offset, flags) {
    this.record({ kind: 0, a: channel, b: offset, c: flags, value: payload, event })
  }

  event(kind, a, b, c, value) {
    this.record({ kind, a, b, c, value })
  }

  record(entry) {
    this.log.push(entry)
    this.waiting = this.waiting.filter((check) => !check(entry))
    this.onRecord?.(entry)
  }

  /** The first entry of this kind (0: a message) with this first number, NaN for any. */
  until(kind, a) {
    const fits = (entry) => entry.kind === kind && (Number.isNaN(a) || entry.a === a)
    const found = this.log.find(fits)
    if (found) return Promise.resolve(found)
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        reject(new Error(`waited for ${kind} ${a}; there was ${JSON.stringify(this.log)}`))
      }, 15_000)
      this.waiting.push((entry) => {
        if (!fits(entry)) return false
        clearTimeout(late)
        resolve(entry)
        return true
      })
    })
  }

  fail(reason) {
    this.failure = reason
  }

  settle(url) {
    this.answer(url)
  }

  each(callback) {
    this.onRecord = callback
  }

  count(kind) {
    return this.log.filter((entry) => entry.kind === kind).length
  }
}

/** Options as TypeScript would fill them in, with short waits. */
export function options(changes) {
  return {
    resolveTimeoutMs: 5000,
    connectTimeoutMs: 5000,
    handshakeTimeoutMs: 5000,
    ackTimeoutMs: 20000,
    requestTimeoutMs: 10000,
    subscribeTimeoutMs: 10000,
    backoff: { minMs: 10, maxMs: 100, factor: 2, stableMs: 5000, fastAttempts: 15, slowMs: 60000 },
    heartbeat: { intervalMs: 0, timeoutMs: 0, probeMs: 4000 },
    queue: { max: 1000, maxBytes: 1 << 20, overflow: 0 },
    rate: { messages: 0, perMs: 0 },
    session: Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(''),
    seed: crypto.getRandomValues(new Uint32Array(1))[0],
    ...changes,
  }
}

/** Counts sockets and timers from now on: what a client leaves behind shows here. */
export function watchGlobals() {
  const real = { WebSocket, setTimeout, clearTimeout }
  const { setTimeout: start, clearTimeout: stop } = real
  const seen = { sockets: 0, timers: new Set() }
  globalThis.WebSocket = class extends real.WebSocket {
    constructor(...args) {
      super(...args)
      seen.sockets += 1
    }
  }
  globalThis.setTimeout = (task, ms) => {
    const id = start(() => {
      seen.timers.delete(id)
      task()
    }, ms)
    seen.timers.add(id)
    return id
  }
  globalThis.clearTimeout = (id) => {
    seen.timers.delete(id)
    stop(id)
  }
  return {
    sockets: () => seen.sockets,
    timers: () => seen.timers.size,
    restore: () => Object.assign(globalThis, real),
  }
}

/** Until everything that is ready to run has run. */
export function turn() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = resolve
    port2.postMessage(0)
  })
}

export function say(event) {
  globalThis.dispatchEvent(new Event(event))
}

export function sameBytes(a, b) {
  return a instanceof Uint8Array && b instanceof Uint8Array && a.length === b.length && a.every((byte, at) => byte === b[at])
}
