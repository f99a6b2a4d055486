/** What one component is shown, message after message, and what it sends before there is a socket. */
import type { Link } from './link.ts'
import type { WebSocketMessage } from './options.ts'

/** How many messages may wait to be shown, and how many to be sent while there is no socket at all. */
const MOST = 10_000

export class Mailbox {
  link: Link | undefined
  readonly #show: (message: MessageEvent) => void
  readonly #full: (what: string) => void
  #unseen: MessageEvent[] = []
  #showing = false
  #unsent: WebSocketMessage[] = []

  /** `show` renders a message, and `shown` is called once that is done; `full` hears of what found no room. */
  constructor(show: (message: MessageEvent) => void, full: (what: string) => void) {
    this.#show = show
    this.#full = full
  }

  /** A message came: it is shown now, or after those before it. */
  add(message: MessageEvent): void {
    if (this.#unseen.length >= MOST) {
      this.#unseen = []
      this.#full(`${MOST} messages waited to be rendered as lastMessage, and were skipped. Use onMessage for so many.`)
    }
    this.#unseen.push(message)
    if (!this.#showing) this.shown()
  }

  /** The page shows the last message: on to the next one. */
  shown(): void {
    const next = this.#unseen.shift()
    this.#showing = next !== undefined
    if (next) this.#show(next)
  }

  /** Another connection, or none. What was not shown of the last one is not shown any more. */
  connect(link: Link | undefined): void {
    this.link = link
    this.#unseen = []
    this.#showing = false
    if (!link) return
    const unsent = this.#unsent
    this.#unsent = []
    for (const message of unsent) this.send(message, true)
  }

  /** Sends, or keeps for the next connection. */
  send(message: WebSocketMessage, keep: boolean): void {
    const socket = this.link?.socket
    if (socket) {
      if (keep || socket.readyState === socket.OPEN) socket.send(message)
    } else if (keep) {
      if (this.#unsent.length < MOST) this.#unsent.push(message)
      else this.#full(`${MOST} messages wait for a connection; this one was dropped.`)
    }
  }
}
