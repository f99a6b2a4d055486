/** `useRealtimePresence` and `useRealtimeTyping`: who is in a channel, and who types there. */
import { useCallback, useEffect, useMemo, useState } from 'react'
import type { Channel, ChannelStatus } from '../channel.ts'
import type { TautlineError } from '../error.ts'
import type { EventMap } from '../events.ts'
import { useChannel, useStatusOf } from './channel.ts'
import { useTautline } from './context.ts'
import { useLazy } from './lazy.ts'
import type { Person } from './person.ts'
import { attempt, useWatched } from './store.ts'

/** How somebody is there. */
export type PresenceStatus = 'online' | 'away' | 'busy'

/** Somebody in a channel, with all of their tabs and devices. What they say of themselves is a claim; `id` is the token's user where tokens are used. */
export type PresenceUser<User extends object = Person> = Readonly<User> & {
  /** Who it is. */
  readonly id: string
  /** The most present of all their connections: `busy`, `online`, `away`. */
  readonly status: PresenceStatus
  /** Whether it is this client's user. */
  readonly self: boolean
  /** How many clients of theirs are there. */
  readonly connections: number
}

/** Options of {@link useRealtimePresence}. */
export interface RealtimePresenceOptions<User extends object = Person> {
  /** The channel's name. While it is empty, null or undefined nobody is there. */
  readonly channel: string | null | undefined
  /** Who this client's user is. Default: nobody; the component only looks. */
  readonly user?: User | null | undefined
  /** After how long without a key, a pointer or a look an `online` user is `away`, in milliseconds. Default: never. */
  readonly awayAfterMs?: number | undefined
}

/** What {@link useRealtimePresence} gives. */
export interface RealtimePresence<User extends object = Person> {
  /** Everybody who is there, in the order they came. */
  readonly users: readonly PresenceUser<User>[]
  /** How many that are. */
  readonly onlineCount: number
  /** What this client's user says. */
  readonly status: PresenceStatus
  /** Says something else from now on. */
  readonly updateStatus: (status: PresenceStatus) => void
  /** The subscription. */
  readonly channelStatus: ChannelStatus
  /** Why the server refused the channel. */
  readonly error: TautlineError | undefined
}

/**
 * Who is in a channel. With `user`, this client's user is there too, for as long as the component is mounted: over reconnects, and from however
 * many components.
 *
 * @example
 * const { users, updateStatus } = useRealtimePresence({ channel: 'room', user: { id: 'ada', name: 'Ada' }, awayAfterMs: 300_000 })
 */
export function useRealtimePresence<User extends object = Person>({
  channel: name,
  user,
  awayAfterMs,
}: RealtimePresenceOptions<User>): RealtimePresence<User> {
  const channel = useChannel<EventMap>(name)
  const [chosen, updateStatus] = useState<PresenceStatus>('online')
  const [idle, setIdle] = useState(false)
  const people = usePeople()
  const status = idle && chosen === 'online' ? 'away' : chosen
  const said = user ? JSON.stringify({ ...user, status }) : undefined
  useEffect(() => (awayAfterMs ? people?.watchIdle(awayAfterMs, setIdle) : undefined), [people, awayAfterMs])
  useEffect(() => (channel && said ? people?.appear(channel, said) : undefined), [people, channel, said])
  const users = useUsers<User>(channel)
  const channelStatus = useStatusOf(channel)
  return { users, onlineCount: users.length, status, updateStatus, channelStatus, error: channel?.error }
}

/** Everybody in a channel. */
export function useUsers<User extends object>(channel: Channel<EventMap> | undefined): readonly PresenceUser<User>[] {
  const client = useTautline()
  const people = usePeople()
  const members = useWatched(channel?.presence, 'onChange', ({ members }) => members, NOBODY)
  return useMemo(() => people?.usersOf<User>(client, members) ?? NOBODY, [client, people, members])
}

type People = typeof import('./people.ts')
const load = (): Promise<People> => import('./people.ts')

/** What knows about people, once it is downloaded. */
function usePeople(): People | undefined {
  return useLazy(NOBODY, useTautline(), 'people', load)[0]
}

const NOBODY: readonly never[] = []

/** What {@link useRealtimeTyping} gives. */
export interface RealtimeTyping<User extends object = Person> {
  /** Who is typing, without this client's user. Those who are not in the channel's presence have an `id` alone. */
  readonly typingUsers: readonly (PresenceUser<User> | { readonly id: string })[]
  /** The user is typing (at every key press), or stopped (`false`). The others hear it no more often than needed; it passes by itself. */
  readonly typing: (active?: boolean) => void
}

/**
 * Who is typing in a channel.
 *
 * @example
 * const { typingUsers, typing } = useRealtimeTyping({ channel: 'room' })
 */
export function useRealtimeTyping<User extends object = Person>({ channel: name }: { readonly channel: string | null | undefined }): RealtimeTyping<User> {
  const client = useTautline()
  const channel = useChannel<EventMap>(name)
  const members = useWatched(channel, 'onTyping', ({ typingMembers }) => typingMembers, NOBODY)
  const typing = useCallback((active?: boolean): void => attempt<'typing', boolean | undefined, void>(channel, 'typing', active), [channel])
  const people = usePeople()
  const typingUsers = useMemo(
    () => people?.typistsOf<User>(client, channel, members) ?? NOBODY,
    [client, people, channel, members],
  )
  return { typingUsers, typing }
}
