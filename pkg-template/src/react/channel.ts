/** `useRealtimeChannel`: a component's place in a channel. */
import { useEffect, useMemo } from 'react'
import type { Channel, ChannelStatus } from '../channel.ts'
import { TautlineError } from '../error.ts'
import type { EventMap, EventPattern, Listener, RegisteredEvents } from '../events.ts'
import type { Gap } from '../lifecycle.ts'
import { useTautline } from './context.ts'
import { useLatest } from './latest.ts'
import { useWatched } from './store.ts'

/** Handlers by the event, or the pattern, that they hear. */
export type ChannelHandlers<Events extends object> = {
  readonly [Pattern in EventPattern<Events>]?: Listener<Events, Pattern> | undefined
}

/** Options of {@link useRealtimeChannel}. */
export interface RealtimeChannelOptions<Events extends object = RegisteredEvents> {
  /** The channel's name. While it is empty, null or undefined the component is in none. */
  readonly channel: string | null | undefined
  /** What to do with messages. Other functions with every render are fine: those of the last render are called. */
  readonly events?: ChannelHandlers<Events> | undefined
  /** Messages may be missing: fetch the state of things again. */
  readonly onGap?: ((gap: Gap) => void) | undefined
  /** Whether to be in the channel. Default true. */
  readonly enabled?: boolean | undefined
}

/** What {@link useRealtimeChannel} gives. */
export interface RealtimeChannel<Events extends object = RegisteredEvents> extends Pick<Channel<Events>, 'send' | 'signal' | 'request' | 'history'> {
  /** Everything else; undefined without a name, and on a server. */
  readonly channel: Channel<Events> | undefined
  /** The subscription. */
  readonly status: ChannelStatus
  /** Whether messages flow. */
  readonly isSubscribed: boolean
  /** Why the server refused the channel. */
  readonly error: TautlineError | undefined
}

/**
 * Is in a channel while the component is mounted, and hears its messages. Any number of components in one channel make one subscription; it
 * ends with the last of them. Messages render nothing by themselves: handlers decide.
 *
 * @example
 * const { send } = useRealtimeChannel({ channel: 'room', events: { message: ({ text }) => add(text) } })
 */
export function useRealtimeChannel<Events extends object = RegisteredEvents>(options: RealtimeChannelOptions<Events>): RealtimeChannel<Events> {
  const { channel: name, events, enabled = true } = options
  const channel = useChannel<Events>(name)
  const latest = useLatest(options as unknown as RealtimeChannelOptions<EventMap>)
  // No name has a line break.
  const names = Object.keys(events ?? {}).sort().join('\n')
  useEffect(() => {
    if (!channel || !enabled) return
    const ends = [
      channel.subscribe(),
      channel.onGap((gap) => latest.current.onGap?.(gap)),
      ...(names ? names.split('\n') : []).map((event) =>
        (channel as unknown as Channel<EventMap>).on(event, (payload, message) => latest.current.events?.[event]?.(payload, message)),
      ),
    ]
    return () => {
      for (const end of ends) end()
    }
  }, [channel, enabled, names, latest])
  const status = useStatusOf(channel as unknown as Channel<EventMap> | undefined)
  return useMemo(() => {
    const named = (): Channel<Events> => {
      if (channel) return channel
      throw new TautlineError('misuse/channel-required')
    }
    return {
      channel,
      status,
      isSubscribed: status === 'subscribed',
      error: channel?.error,
      send: (event, ...rest) => named().send(event, ...rest),
      signal: (event, ...rest) => named().signal(event, ...rest),
      request: async (...given) => named().request(...given),
      history: async (...given) => named().history(...given),
    }
  }, [channel, status])
}

/** The channel of this name, of the provider's client. */
export function useChannel<Events extends object>(name: string | null | undefined): Channel<Events> | undefined {
  const client = useTautline<Events>()
  // A server that renders pages would remember the channels of all of them.
  return useMemo(() => (name && typeof window === 'object' ? client.channel<Events>(name) : undefined), [client, name])
}

/** Its status, now and after each change. */
export function useStatusOf(channel: Channel<EventMap> | undefined): ChannelStatus {
  return useWatched(channel, 'onStatus', ({ status }) => status, 'idle')
}
