/** `useRealtimeChat`: a conversation. */
import { useEffect } from 'react'
import type { Channel, ChannelStatus } from '../channel.ts'
import type { TautlineError } from '../error.ts'
import type { EventMap } from '../events.ts'
import { useChannel, useStatusOf } from './channel.ts'
import type { ChatRoom, ChatState } from './chat-room.ts'
import { useLazy } from './lazy.ts'
import type { Person } from './person.ts'
import { type PresenceUser, type RealtimeTyping, useRealtimeTyping, useUsers } from './presence.ts'
import { useStore } from './store.ts'

/** Options of {@link useRealtimeChat}. */
export interface RealtimeChatOptions {
  /** The event that is a message. Default `'message'`. */
  readonly event?: string | undefined
  /** The event that becomes a `wallet` notice. Default `'wallet_event'`. */
  readonly walletEvent?: string | undefined
  /** How many messages a load of history asks for. Default 50. */
  readonly historyLimit?: number | undefined
  /** How many messages are kept; the oldest go first, and can be loaded again. Default 500. */
  readonly limit?: number | undefined
  /** Whether what is here counts as read while the page is visible. Default true; without it call `markRead`. */
  readonly autoRead?: boolean | undefined
}

/** What {@link useRealtimeChat} gives. */
export interface RealtimeChat<User extends Person = Person> extends ChatState {
  /**
   * Sends a message, with fields of the application's own if any. Shown at once, and its `status` says what becomes of it; the result is for what
   * cannot be sent at all (`misuse/…`).
   */
  readonly sendMessage: (text: string, fields?: object) => Promise<void>
  /** Sends a failed one again, in place of it. */
  readonly retry: (key: string) => Promise<void>
  /** Takes a failed one away, or takes back one that is `sending`, as long as it can be. The result says whether it is gone and will not arrive. */
  readonly discard: (key: string) => Promise<boolean>
  /** Loads older messages. */
  readonly loadMore: () => Promise<void>
  /** The user has seen everything that is here. */
  readonly markRead: () => Promise<void>
  /** Who is there. */
  readonly members: readonly PresenceUser<User>[]
  /** Who is typing. */
  readonly typingUsers: RealtimeTyping<User>['typingUsers']
  /** The user is typing (at every key press), or stopped (`false`). */
  readonly typing: (active?: boolean) => void
  /** The subscription. */
  readonly status: ChannelStatus
  /** Why the server refused the room. */
  readonly error: TautlineError | undefined
}

/**
 * A conversation: its messages with how far they have come, its history, who is there, who types, who came and went. The room is a channel of this
 * name. A message is an event with `{ id, text, user }` and your own fields. Components in the same room share it.
 *
 * @example
 * const { messages, sendMessage, typingUsers, typing } = useRealtimeChat('room', { id: 'ada', name: 'Ada' })
 */
export function useRealtimeChat<User extends Person = Person>(
  roomId: string | null | undefined,
  user: User,
  { event = 'message', walletEvent = 'wallet_event', historyLimit = 50, limit = 500, autoRead = true }: RealtimeChatOptions = {},
): RealtimeChat<User> {
  const channel = useChannel<EventMap>(roomId)
  const settings = { user, event, walletEvent, historyLimit, limit }
  const [room, verbs] = useLazy<ChatRoom, (typeof VERBS)[number]>(VERBS, channel, `chat ${user.id}\n${event}\n${walletEvent}`, async () => {
    const { ChatRoom } = await import('./chat-room.ts')
    return new ChatRoom(channel as Channel<EventMap>, settings)
  })
  useEffect(() => room?.update(settings))
  const state = useStore(room?.store) ?? { ...SILENCE, isLoading: !!roomId }
  useEffect(() => (autoRead ? room?.watchPage() : undefined), [room, autoRead])
  const status = useStatusOf(channel)
  // The room is joined by its first listener, which is to be the one that misses nothing.
  const members = useUsers<User>(room && channel)
  const { typingUsers, typing } = useRealtimeTyping<User>({ channel: room && roomId })
  return { ...state, ...verbs, members, typingUsers, typing, status, error: channel?.error }
}

const VERBS = ['sendMessage', 'retry', 'discard', 'loadMore', 'markRead'] as const
const SILENCE: ChatState = { messages: [], notices: [], unreadCount: 0, hasMore: false, isLoading: false }
