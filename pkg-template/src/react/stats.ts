/** `useStats`: what the client counts. */
import { useMemo } from 'react'
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

const NONE: Stats = {
  stats: /* @__PURE__ */ statsOf(),
  info: /* @__PURE__ */ infoOf('idle', {} as Identity),
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
  const store = useMemo(
    () =>
      shared(client, `stats ${everyMs}`, () => {
        const read = (to: Store<Stats>): void => to.set({ stats: client.getStats(), info: client.getConnectionInfo() })
        return new Store(NONE, (to) => {
          read(to)
          const timer = setInterval(read, everyMs, to)
          return () => clearInterval(timer)
        })
      }),
    [client, everyMs],
  )
  return useStore(store) ?? NONE
}
