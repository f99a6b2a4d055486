/** `useNotifications`: what the server tells one user. */
import { useMemo } from 'react'
import type { Channel } from '../channel.ts'
import type { EventMap, Message } from '../events.ts'
import { useChannel, useRealtimeChannel } from './channel.ts'
import { shared, Store, useStore } from './store.ts'

/** Options of {@link useNotifications}. */
export interface NotificationsOptions<Payload = unknown> {
  /** Whose: hears the channel `user:{userId}`. While it is empty, null or undefined there are none. */
  readonly userId?: string | null | undefined
  /** Another channel. */
  readonly channel?: string | null | undefined
  /** The event that is a notification. Default `'notification'`. */
  readonly event?: string | undefined
  /** How many are kept; the oldest go first. Default 50. */
  readonly limit?: number | undefined
  /** Hears each one: for a toast. */
  readonly onNotification?: ((notification: Notification<Payload>) => void) | undefined
}

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

/** What {@link useNotifications} gives. */
export interface Notifications<Payload = unknown> {
  /** The newest first. */
  readonly notifications: readonly Notification<Payload>[]
  /** How many are not read. */
  readonly unreadCount: number
  /** Marks one as read, or all. */
  readonly markRead: (id?: string) => void
  /** Takes one out of the list, or all. */
  readonly dismiss: (id?: string) => void
}

type List = readonly Notification[]

/**
 * Collects what is sent to one user's channel, as a server does with `publish` of `tautline/server`. Those that were missed come after a
 * reconnect; what was sent before the page came is not fetched.
 *
 * @example
 * const { notifications, unreadCount, markRead } = useNotifications<{ title: string }>({ userId })
 */
export function useNotifications<Payload = unknown>({
  userId,
  channel: name = userId && `user:${userId}`,
  event = 'notification',
  limit = 50,
  onNotification,
}: NotificationsOptions<Payload>): Notifications<Payload> {
  const channel = useChannel<EventMap>(name)
  const store = useMemo(() => (channel ? shared(channel, `notifications ${event} ${limit}`, () => collect(channel, event, limit)) : EMPTY), [channel, event, limit])
  const list = useStore(store)
  useRealtimeChannel<EventMap>({
    channel: name,
    events: onNotification && { [event]: (_: unknown, message: Message) => onNotification(toNotification(message) as Notification<Payload>) },
  })
  return useMemo(
    () => ({
      notifications: list as readonly Notification<Payload>[],
      unreadCount: list.filter(({ read }) => !read).length,
      markRead: (id) => store.set(store.get().map((one) => (id === undefined || one.id === id ? { ...one, read: true } : one))),
      dismiss: (id) => store.set(store.get().filter((one) => id !== undefined && one.id !== id)),
    }),
    [list, store],
  )
}

const EMPTY: Store<List> = /* @__PURE__ */ new Store<List>([], () => () => {})

let count = 0
const ids = new WeakMap<Message, string>()

/** The same message is the same notification to everybody. */
function toNotification(message: Message): Notification {
  const { offset, payload, time = Date.now() } = message
  if (!ids.has(message)) ids.set(message, offset > 0 ? `${offset}` : `local ${count++}`)
  return { id: ids.get(message) as string, payload, time, read: false }
}

function collect(channel: Channel<EventMap>, event: string, limit: number): Store<List> {
  return new Store<List>([], (store) =>
    channel.on(event, (_, message) => store.set([toNotification(message), ...store.get()].slice(0, limit))),
  )
}
