/** Everything that can be listened to, on top of an {@link Emitter}: the same for a client and for a channel. */
import { Emitter, type EmitterOwner, type Heard } from './emitter.ts'
import { TautlineError } from './error.ts'
import type { ListenOptions, Message, OnOptions, StreamOptions, Unsubscribe, WaitOptions } from './events.ts'

const BUFFER = 256

/** What a source needs of its owner. */
export interface SourceOwner extends EmitterOwner {
  /** Throws when it is destroyed. */
  live(): void
  /** Something went wrong that belongs to no call. */
  problem(error: TautlineError, channel?: string): void
}

/** Listens, waits and streams. The types of events stand in the interfaces in front of it. */
export class Source {
  /** Emits `(payload, message)`. */
  protected readonly messages: Emitter
  readonly #owner: SourceOwner
  readonly #channel: string | undefined

  constructor(owner: SourceOwner, channel?: string, onUse?: (used: boolean) => void) {
    this.#owner = owner
    this.#channel = channel
    this.messages = new Emitter(owner, channel, onUse)
  }

  on(event: string, listener: Heard, options?: OnOptions): Unsubscribe {
    this.#owner.live()
    return this.messages.on(event, callable(listener), options)
  }

  once(event: string, listener: Heard, options?: ListenOptions): Unsubscribe {
    return this.on(event, listener, { ...options, once: true })
  }

  off(event: string, listener: Heard): void {
    this.messages.off(event, listener)
  }

  listenerCount(event?: string): number {
    return this.messages.count(event)
  }

  waitFor(event: string, options: WaitOptions<Message> = {}): Promise<Message> {
    this.#owner.live()
    const { signal, timeoutMs, filter } = options
    return new Promise((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined
      const end = this.messages.on(
        event,
        (_, heard) => {
          const message = heard as Message
          try {
            if (filter && !filter(message)) return
            resolve(message)
          } catch (error) {
            reject(error)
          }
          end()
        },
        { signal },
        () => {
          clearTimeout(timer)
          reject(new TautlineError(signal?.aborted ? 'dropped/cancelled' : 'dropped/closed', { cause: signal?.reason }))
        },
      )
      if (timeoutMs === undefined || signal?.aborted) return
      timer = setTimeout(() => {
        reject(new TautlineError('late/reply', { message: `Waited ${timeoutMs} ms for "${event}".` }))
        end()
      }, timeoutMs)
    })
  }

  events(event: string, options: StreamOptions = {}): AsyncIterableIterator<Message> {
    this.#owner.live()
    type Next = IteratorResult<Message, undefined>
    const { signal, buffer = BUFFER } = options
    if (!(buffer >= 1)) throw new TautlineError('misuse/invalid-argument', { message: '`buffer` must be at least 1.' })
    const items: Message[] = []
    const readers: ((next: Next) => void)[] = []
    let behind = false
    let done = false
    const end = this.messages.on(
      event,
      (_, heard) => {
        const item = heard as Message
        const reader = readers.shift()
        if (reader) return reader({ value: item, done: false })
        items.push(item)
        if (items.length <= buffer) return
        items.shift()
        if (behind) return
        behind = true
        const message = `A loop over events("${event}") is slower than its messages come.`
        this.#owner.problem(new TautlineError('dropped/overflow', { message, details: { limit: buffer } }), this.#channel)
      },
      { signal },
      () => {
        done = true
        for (const reader of readers.splice(0)) reader({ value: undefined, done })
      },
    )
    return {
      next: async () => {
        const value = items.shift()
        behind &&= items.length > 0
        if (value) return { value, done: false }
        return done ? { value, done } : new Promise<Next>((resolve) => readers.push(resolve))
      },
      return: async () => {
        items.length = 0
        end()
        return { value: undefined, done: true }
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }
}

function callable(listener: Heard): Heard {
  if (typeof listener === 'function') return listener
  throw new TautlineError('misuse/invalid-argument', { message: 'The listener must be a function.' })
}
