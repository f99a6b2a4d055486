/** `useRealtimeSync`: a list that all clients of a channel change together. */
import { useEffect } from 'react'
import type { Channel, ChannelStatus } from '../channel.ts'
import type { TautlineError } from '../error.ts'
import type { EventMap } from '../events.ts'
import type { Receipt } from '../send.ts'
import { useChannel, useStatusOf } from './channel.ts'
import { useLatest } from './latest.ts'
import { useLazy } from './lazy.ts'
import type { Change, Item, Replica, ReplicaState } from './replica.ts'
import { useStore } from './store.ts'

/** Options of {@link useRealtimeSync}. */
export interface RealtimeSyncOptions<T extends Item> {
  /** The channel that carries the changes. While it is empty, null or undefined nothing is synchronised. */
  readonly channel: string | null | undefined
  /** What they are changes of: its events are `todo:insert`, `todo:update` and `todo:delete` for `'todo'`. */
  readonly resource: string
  /** What to begin with: from the server's rendering, or a cache. Default: nothing. */
  readonly initialData?: readonly T[] | undefined
  /** Fetches the list as it is now: asked when the channel was joined, and when changes may have been missed. Default: what is here stays. */
  readonly fetch?: (() => Promise<readonly T[]>) | undefined
  /** Somebody else inserted this. */
  readonly onInsert?: ((item: T) => void) | undefined
  /** Somebody else changed these fields of the one with this `id`. */
  readonly onUpdate?: ((change: Partial<T> & Item) => void) | undefined
  /** Somebody else deleted the one with this `id`. */
  readonly onDelete?: ((deleted: Item) => void) | undefined
  /** A change of this client was refused and taken back; or, without a change, `fetch` failed or somebody sent what has no `id`. */
  readonly onError?: ((error: unknown, change?: Change<T>) => void) | undefined
}

/** What {@link useRealtimeSync} gives. */
export interface RealtimeSync<T extends Item> extends ReplicaState<T> {
  /** The list: what the server confirmed, and this client's own changes on top of it. */
  readonly data: readonly T[]
  /** How many of this client's changes are not confirmed yet. */
  readonly pending: number
  /** Whether `fetch` is under way. */
  readonly isFetching: boolean
  /** The subscription. */
  readonly status: ChannelStatus
  /** Why the server refused the channel. */
  readonly error: TautlineError | undefined
  /** Inserts it, here at once. The result is the server's answer; `onError` hears a refusal too, so it may be ignored. */
  readonly insert: (item: T) => Promise<Receipt>
  /** Changes these fields, here at once. */
  readonly update: (id: T['id'], change: Partial<T>) => Promise<Receipt>
  /** Deletes it, here at once. */
  readonly remove: (id: T['id']) => Promise<Receipt>
  /** Fetches the list again. */
  readonly refetch: () => Promise<void>
}

/**
 * A list that all clients of a channel change together. A change is seen at once, is confirmed by the server, and is taken back if it is refused. All
 * clients apply the changes in the order of the channel, so they end with the same list: also after a reconnect, where missed changes come
 * late, and after a gap, where `fetch` is asked. Of two changes of one field the later one in the channel wins. Components with the same channel and
 * resource share one list.
 *
 * @example
 * const { data, insert, update, remove } = useRealtimeSync<Todo>({ channel: 'board', resource: 'todo', initialData, fetch: loadTodos })
 */
export function useRealtimeSync<T extends Item>(options: RealtimeSyncOptions<T>): RealtimeSync<T> {
  const { channel: name, resource, initialData } = options
  const channel = useChannel<EventMap>(name)
  const latest = useLatest(options)
  const [replica, verbs] = useLazy<Replica<T>, (typeof VERBS)[number]>(VERBS, channel, `sync ${resource}`, async () => {
    const { Replica } = await import('./replica.ts')
    return new Replica<T>(channel as Channel<EventMap>, resource)
  })
  const state = useStore(replica?.store) ?? { data: initialData ?? NONE, pending: 0, isFetching: false }
  useEffect(() => replica?.use(() => latest.current), [replica, latest])
  return { ...state, ...verbs, status: useStatusOf(channel), error: channel?.error }
}

const VERBS = ['insert', 'update', 'remove', 'refetch'] as const
const NONE: readonly never[] = []
