/** `useRealtimeSync`: a list that all clients of a channel change together. */
import { useCallback, useEffect, useMemo } from 'react'
import type { Channel, ChannelStatus } from '../channel.ts'
import { isTautlineError, type TautlineError } from '../error.ts'
import type { EventMap, Message } from '../events.ts'
import type { Receipt } from '../send.ts'
import { useChannel, useRealtimeChannel } from './channel.ts'
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
  const { channel: name, resource, initialData, onInsert, onUpdate, onDelete } = options
  const channel = useChannel<EventMap>(name)
  const latest = useLatest(options)
  const load = useCallback(async () => {
    const { Replica } = await import('./replica.ts')
    return new Replica<T>(channel as Channel<EventMap>, resource)
  }, [channel, resource])
  const [replica, part] = useLazy<Replica<T>>(channel, `sync ${resource}`, load)
  const state = useStore(replica?.store)
  useEffect(
    () =>
      replica?.use({
        initial: latest.current.initialData,
        fetch: () => latest.current.fetch?.(),
        failed: (error, change) => latest.current.onError?.(error, change),
      }),
    [replica, latest],
  )
  const { status, error } = useRealtimeChannel<EventMap>({
    channel: name,
    // The channel is joined by its first listener, which is to be the one that misses nothing.
    enabled: replica !== undefined,
    events: { [`${resource}:insert`]: others(onInsert), [`${resource}:update`]: others(onUpdate), [`${resource}:delete`]: others(onDelete) },
  })
  return useMemo(() => {
    const change = (kind: Change['kind'], item: Partial<T> & Item): Promise<Receipt> => {
      const receipt = part.with((replica) => replica.change(kind, item))
      receipt.catch((error: unknown) => {
        if (isTautlineError(error) && error.blame === 'misuse') latest.current.onError?.(error, { kind, item })
      })
      return receipt
    }
    return {
      ...(state ?? { data: initialData ?? [], pending: 0, isFetching: false }),
      status,
      error,
      insert: (item) => change('insert', item),
      update: (id, fields) => change('update', { ...fields, id }),
      remove: (id) => change('delete', { id } as Partial<T> & Item),
      refetch: () => part.with((replica) => replica.fetch()),
    }
  }, [state, initialData, status, error, part, latest])
}

/** What is not this client's own. */
function others(tell: ((payload: never) => void) | undefined): (payload: unknown, message: Message) => void {
  return (payload, { own }) => {
    if (!own) tell?.(payload as never)
  }
}
