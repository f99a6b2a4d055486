// The browser that the core sees in these tests: a clock that stands still until it is told to run, sockets that are told
// what happens to them, and a record of everything that the core does.

/** What happened to a page or a network, as the browser's own event. */
const PAGE = { left: ['document', 'freeze'], returned: ['document', 'resume'], visible: ['document', 'visibilitychange'] }

const realImmediate = setImmediate

export class World {
  now = 0
  /** Everything the core did: `{ at, … }`, see tests/transcripts/README.md. */
  log = []
  socket
  /** The URL and token functions that were asked and have not answered. */
  asked = []
  #timers = new Map()
  #lastTimer = 0
  #targets = { global: new EventTarget(), document: new EventTarget() }

  /** Puts itself in the place of the browser. */
  install() {
    const world = this
    Object.defineProperty(globalThis, 'performance', { value: { now: () => this.now }, configurable: true, writable: true })
    Date.now = () => 1_700_000_000_000 + this.now
    globalThis.setTimeout = (task, ms = 0) => {
      this.#timers.set(++this.#lastTimer, { task, due: this.now + ms })
      return this.#lastTimer
    }
    globalThis.clearTimeout = (id) => this.#timers.delete(id)
    globalThis.WebSocket = class {
      bufferedAmount = 0
      constructor(url, protocols) {
        world.socket = this
        world.note({ open: url, protocols: [protocols ?? []].flat() })
      }
      send(data) {
        world.note(typeof data === 'string' ? { sent: data } : { sentBytes: hex(data) })
      }
      close(code, reason) {
        world.note({ close: code, ...(reason !== undefined && { reason }) })
      }
    }
    const { global, document } = this.#targets
    for (const name of ['addEventListener', 'removeEventListener']) globalThis[name] = global[name].bind(global)
    globalThis.document = Object.assign(document, { visibilityState: 'visible' })
  }

  /** Begins again. */
  reset() {
    this.now = 0
    this.log = []
    this.asked = []
    this.socket = undefined
    this.#timers.clear()
  }

  note(what) {
    this.log.push({ at: this.now, ...what })
  }

  /** Lets everything run that is ready: promises, and what they lead to. */
  settle() {
    return new Promise((resolve) => realImmediate(resolve))
  }

  /** Runs the clock; each timer fires at its time. */
  async runTo(at) {
    for (;;) {
      const [id, timer] = [...this.#timers].sort(([, a], [, b]) => a.due - b.due)[0] ?? []
      if (!timer || timer.due > at) break
      this.#timers.delete(id)
      this.now = Math.max(this.now, timer.due)
      timer.task()
      await this.settle()
    }
    this.now = at
  }

  /** What waits for its time. */
  get timers() {
    return this.#timers.size
  }

  page(what) {
    const [target, event] = PAGE[what]
    this.#targets[target].dispatchEvent(new Event(event))
  }

  network(what) {
    this.#targets.global.dispatchEvent(new Event(what))
  }
}

export function hex(bytes) {
  return Buffer.from(bytes).toString('hex')
}
