/** What one component is shown, message after message, and what it sends before there is a socket. */
import type { Link } from './link.ts'
import type { WebSocketMessage } from './options.ts'

/** How many messages may wait to be shown, and how many to be sent while there is no socket at all. */
const MOST = 10_000
/** How many messages all components show without a rest. React takes fifty renderings that effects ask for in a row for a loop without end. */
const RUN = 20
/** How long a rest is: a frame. */
const REST_MS = 16

let run = 0
/** Those that wait for the end of a rest, in which what the page made of its messages is rendered without another one. */
let resting: Set<Mailbox> | undefined

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
    this.#showing = this.#unseen.length > 0
    if (!this.#showing) return
    if (resting) return void resting.add(this)
    if (++run < RUN) return this.#next()
    run = 0
    const rested = (resting = new Set([this]))
    setTimeout(() => {
      resting = undefined
      for (const mailbox of rested) mailbox.#next()
    }, REST_MS)
  }

  #next(): void {
    const next = this.#unseen.shift()
    if (next) this.#show(next)
  }

  /** Another connection, or none. What was not shown of the last one is not shown any more. */
  connect(link: Link | undefined): void {
    this.link = link
    this.#unseen = []
    this.#showing = false
    resting?.delete(this)
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
