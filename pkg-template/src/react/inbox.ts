/** Notifications, as they come. Outside of React. In: messages of one event. Out: a store, and word of each. */
import type { Channel } from '../channel.ts'
import type { EventMap } from '../events.ts'
import { Store } from './store.ts'

/** One notification. */
export interface Notification<Payload = unknown> {
  /** Unique in this list. */
  readonly id: string
  /** What it says. */
  readonly payload: Payload
  /** When the server took it, or when it came, in milliseconds since 1970. */
  readonly time: number
  /** Whether it was marked as read here. */
  readonly read: boolean
}

/** What a listener hears. */
type Heard = (notification: Notification) => void

/** What is shown. */
export interface InboxState {
  /** The newest first. */
  readonly notifications: readonly Notification[]
  readonly unreadCount: number
}

const EMPTY: InboxState = { notifications: [], unreadCount: 0 }

export class Inbox {
  readonly store: Store<InboxState>
  readonly #heard = new Set<Heard>()

  constructor(channel: Channel<EventMap>, event: string, limit: number) {
    let count = 0
    this.store = new Store(EMPTY, () =>
      channel.on(event, (payload, { offset, time = Date.now() }) => {
        // Signals have no place; what has one has the same after a reload.
        const notification: Notification = { id: offset > 0 ? `${channel.position?.epoch ?? ''} ${offset}` : `signal ${count++}`, payload, time, read: false }
        this.#show([notification, ...this.#all].slice(0, limit))
        for (const heard of this.#heard) {
          try {
            heard(notification)
          } catch (error) {
            reportError(error)
          }
        }
      }),
    )
  }

  on(heard: Heard): () => void {
    this.#heard.add(heard)
    return () => this.#heard.delete(heard)
  }

  markRead(id?: string): void {
    this.#show(this.#all.map((one) => (id === undefined || one.id === id ? { ...one, read: true } : one)))
  }

  dismiss(id?: string): void {
    this.#show(this.#all.filter((one) => id !== undefined && one.id !== id))
  }

  get #all(): readonly Notification[] {
    return this.store.get().notifications
  }

  #show(notifications: readonly Notification[]): void {
    this.store.set({ notifications, unreadCount: notifications.filter(({ read }) => !read).length })
  }
}
