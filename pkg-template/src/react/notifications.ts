/** `useNotifications`: what the server tells one user. */
import { useEffect } from 'react'
import type { Channel } from '../channel.ts'
import type { EventMap } from '../events.ts'
import { useChannel } from './channel.ts'
import type { Inbox, InboxState, Notification } from './inbox.ts'
import { useLatest } from './latest.ts'
import { useLazy } from './lazy.ts'
import { useStore } from './store.ts'

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

/** What {@link useNotifications} gives. */
export interface Notifications<Payload = unknown> {
  /** The newest first. */
  readonly notifications: readonly Notification<Payload>[]
  /** How many are not read. */
  readonly unreadCount: number
  /** Marks one as read, or all. */
  readonly markRead: (id?: string) => Promise<void>
  /** Takes one out of the list, or all. */
  readonly dismiss: (id?: string) => Promise<void>
}

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
  const [inbox, verbs] = useLazy<Inbox, (typeof VERBS)[number]>(VERBS, channel, `notifications ${event} ${limit}`, async () => {
    const { Inbox } = await import('./inbox.ts')
    return new Inbox(channel as Channel<EventMap>, event, limit)
  })
  const state = (useStore(inbox?.store) ?? NONE) as Pick<Notifications<Payload>, keyof InboxState>
  const latest = useLatest(onNotification)
  useEffect(() => inbox?.on((notification) => latest.current?.(notification as Notification<Payload>)), [inbox, latest])
  return { ...state, ...verbs }
}

const VERBS = ['markRead', 'dismiss'] as const
const NONE: InboxState = { notifications: [], unreadCount: 0 }
