/** What a client says of itself in a channel: put together of what its components say, and told once. */
import type { Channel } from '../channel.ts'
import type { EventMap } from '../events.ts'
import { shared } from './store.ts'

/** How long parts are gathered, in milliseconds. */
const GATHER_MS = 100

/** Says this too, until the result is called. */
export function attend(channel: Channel<EventMap>, part: object): () => void {
  const attendance = shared(channel, 'attendance', () => new Attendance(channel))
  attendance.add(part)
  return () => attendance.delete(part)
}

class Attendance {
  readonly #parts = new Set<object>()
  readonly #channel: Channel<EventMap>
  #told: string | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(channel: Channel<EventMap>) {
    this.#channel = channel
  }

  add(part: object): void {
    this.#parts.add(part)
    this.#plan()
  }

  delete(part: object): void {
    this.#parts.delete(part)
    this.#plan()
  }

  #plan(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#tell()
    }, this.#told === undefined ? 0 : GATHER_MS)
  }

  #tell(): void {
    const { presence } = this.#channel
    const state: unknown = this.#parts.size > 0 ? Object.assign({}, ...this.#parts) : undefined
    const json = state === undefined ? undefined : JSON.stringify(state)
    if (json === this.#told) return
    this.#told = json
    try {
      if (json) presence.track(state as never)
      else presence.untrack()
    } catch {
      // The server knows by itself who is there, or the client is destroyed.
    }
  }
}
