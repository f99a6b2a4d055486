/** The last two minutes of the line: latency, queue and whether it held. */
import type { Client, ConnectionStats } from 'tautline'
import { client as relay } from '../client.ts'
import { Store } from './store.ts'

/** How far back the pictures go. */
export const SPAN_MS = 120_000
const EVERY_MS = 500

export interface QueueSample {
  readonly time: number
  readonly size: number
  /** Once there was a line, and now there is none. */
  readonly away: boolean
}

export interface LatencySample {
  readonly time: number
  readonly ms: number
}

export interface Samples {
  readonly now: number
  readonly queue: readonly QueueSample[]
  readonly latency: readonly LatencySample[]
  readonly stats: ConnectionStats
}

export const samples = new Store<Samples>({ now: Date.now(), queue: [], latency: [], stats: relay.getStats() })

/** Begins; the result ends it. */
export function startSamples(client: Client): () => void {
  const take = (): void => sample(client)
  const ends = [
    client.onLifecycle('latency', ({ ms }) => {
      const before = samples.get()
      samples.set({ ...before, latency: [...before.latency, { time: Date.now(), ms }] })
    }),
    client.onConnectionStateChange(take),
  ]
  const timer = window.setInterval(take, EVERY_MS)
  take()
  return () => {
    clearInterval(timer)
    for (const end of ends) end()
  }
}

/** Takes a sample now. */
function sample(client: Client): void {
  const now = Date.now()
  const { queue, latency } = samples.get()
  const young = ({ time }: { time: number }): boolean => now - time <= SPAN_MS + EVERY_MS
  const { status } = client.state
  const away = status === 'reconnecting' || status === 'closed' || status === 'failed'
  const size = client.getConnectionInfo().queueSize
  samples.set({
    now,
    queue: [...queue.filter(young), { time: now, size, away }],
    latency: latency.filter(young),
    stats: client.getStats(),
  })
}
