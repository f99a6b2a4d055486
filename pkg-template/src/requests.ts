/** Questions that wait for an answer. */
import { encode } from './payload.ts'
import { CANCEL_REQUEST, REQUEST } from './core.ts'
import { fromCore, TautlineError } from './error.ts'
import type { Hub } from './hub.ts'
import { quoteEvent } from './name.ts'
import type { Target } from './sends.ts'

/** Options of `request`. */
export interface RequestOptions {
  /** How long the answer may take, in milliseconds. Default: the client's `requestTimeoutMs`. */
  readonly timeoutMs?: number | undefined
  /** Gives up when it aborts: rejects with `dropped/cancelled`. */
  readonly signal?: AbortSignal | undefined
}

interface Pending {
  id: number
  resolve(payload: unknown): void
  reject(error: TautlineError): void
}

/** All open requests of a client. */
export class Requests {
  readonly #pending = new Map<number, Pending>()
  readonly #hub: Hub
  /** The one whose call into the core has not returned: it may fail before its id is known. */
  #calling: Pending | undefined

  constructor(hub: Hub) {
    this.#hub = hub
  }

  /** Asks. */
  async ask(target: Target, event: string, payload: unknown, options: RequestOptions): Promise<unknown> {
    const hub = this.#hub
    const { timeoutMs = hub.engine.settings.core.requestTimeoutMs, signal } = options
    const quoted = quoteEvent(event)
    const json = encode(payload)
    if (typeof json === 'object') {
      throw new TautlineError('misuse/unserialisable', { message: 'A request carries JSON, not bytes.' })
    }
    if (signal?.aborted) throw new TautlineError('dropped/cancelled', { cause: signal.reason })
    hub.live('request')
    const pending = { id: 0 } as Pending
    const answer = new Promise<unknown>((resolve, reject) => Object.assign(pending, { resolve, reject }))
    const outer = this.#calling
    this.#calling = pending
    let id: number
    try {
      id = hub.call((core) => core.say(REQUEST, target.id(core), quoted, json, 0, timeoutMs))
    } finally {
      this.#calling = outer
    }
    if (id < 0) throw fromCore(-id)
    if (pending.id === 0) this.#adopt(id, pending)
    const cancel = (): void => {
      pending.reject(new TautlineError('dropped/cancelled', { cause: signal?.reason }))
      if (this.#pending.delete(id)) hub.call((core) => core.call(CANCEL_REQUEST, id))
    }
    signal?.addEventListener('abort', cancel)
    return answer.finally(() => signal?.removeEventListener('abort', cancel))
  }

  /** The answer came. */
  reply(id: number, payload: unknown): void {
    this.#take(id)?.resolve(payload)
  }

  /** None will come. */
  fail(id: number, error: TautlineError): void {
    this.#take(id)?.reject(error)
  }

  /** None will come to any. */
  failAll(error: TautlineError): void {
    for (const id of [...this.#pending.keys()]) this.fail(id, error)
  }

  #adopt(id: number, pending: Pending): void {
    pending.id = id
    this.#pending.set(id, pending)
  }

  #take(id: number): Pending | undefined {
    if (!this.#pending.has(id) && this.#calling?.id === 0) this.#adopt(id, this.#calling)
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    return pending
  }
}
