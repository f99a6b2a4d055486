/** `useStats`: what the client counts. */
import { type ConnectionInfo, type ConnectionStats, type Identity, infoOf, statsOf } from '../info.ts'
import { useTautline } from './context.ts'
import { shared, Store, useStore } from './store.ts'

/** What {@link useStats} gives. */
export interface Stats {
  /** Latency, quality and counters. */
  readonly stats: ConnectionStats
  /** Who and where this client is, and how much waits to be sent. */
  readonly info: ConnectionInfo
}

/**
 * What the client counts, read again and again.
 *
 * @example
 * const { stats, info } = useStats()
 * return <p>{stats.quality}, {info.queueSize} waiting</p>
 */
export function useStats({ everyMs = 1_000 }: { /** How often to read, in milliseconds. Default 1,000. */ readonly everyMs?: number } = {}): Stats {
  const client = useTautline()
  const make = (): Store<Stats> =>
    new Store<Stats>({ stats: statsOf(), info: infoOf('idle', {} as Identity) }, (store) => {
      const read = (): void => store.set({ stats: client.getStats(), info: client.getConnectionInfo() })
      read()
      const timer = setInterval(read, everyMs)
      return () => clearInterval(timer)
    })
  return useStore(shared(client, `stats ${everyMs}`, make)) as Stats
}
