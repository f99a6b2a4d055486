/**
 * Sends the latest presence, as often as a gateway allows: five times in twenty seconds. What was overtaken is never sent; a
 * new session hears the latest again.
 */
import type { GatewayPresenceUpdateData } from 'discord-api-types/v10'

const MOST = 5
const WINDOW_MS = 20_000

/** The presence of one shard. */
export class PresenceLane {
  readonly #send: (presence: GatewayPresenceUpdateData) => void
  #latest: GatewayPresenceUpdateData | undefined
  /** When the last few were sent. */
  #sent: number[] = []
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(send: (presence: GatewayPresenceUpdateData) => void) {
    this.#send = send
  }

  /** What identify says, if anything was said. */
  get latest(): GatewayPresenceUpdateData | undefined {
    return this.#latest
  }

  /** From now on it is this one. */
  update(presence: GatewayPresenceUpdateData, connected: boolean): void {
    this.#latest = presence
    if (connected) this.flush()
  }

  /** Says it now, or as soon as it may be said. */
  flush(): void {
    if (this.#timer !== undefined || !this.#latest) return
    const now = Date.now()
    this.#sent = this.#sent.filter((at) => at > now - WINDOW_MS)
    const [oldest = now] = this.#sent
    if (this.#sent.length < MOST) {
      this.#sent.push(now)
      this.#send(this.#latest)
    } else {
      this.#timer = setTimeout(() => {
        this.#timer = undefined
        this.flush()
      }, oldest + WINDOW_MS - now)
    }
  }

  /** The connection is gone: what waits is said by the next one. */
  pause(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
