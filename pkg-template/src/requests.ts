/** Questions that wait for an answer. */
import { encode } from './payload.ts'
import { CANCEL_REQUEST, REQUEST, WAKE } from './core.ts'
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
  resolve(payload: unknown): void
  reject(error: TautlineError): void
}

/** All open requests of a client. */
export class Requests {
  readonly #pending = new Map<number, Pending>()
  readonly #hub: Hub

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
    let id = 0
    const answer = new Promise<unknown>((resolve, reject) => {
      hub.call((core) => {
        id = core.say(REQUEST, target.id(core), quoted, json, 0, timeoutMs)
        if (id > 0) this.#pending.set(id, { resolve, reject })
        core.call(WAKE)
      })
      if (id < 0) throw fromCore(-id)
    })
    const cancel = (): void => {
      if (!this.#pending.has(id)) return
      this.fail(id, new TautlineError('dropped/cancelled', { cause: signal?.reason }))
      hub.call((core) => core.call(CANCEL_REQUEST, id))
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

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    return pending
  }
}
