/** The latency of the last heartbeats as a line. */
import type { ReactElement } from 'react'
import { round } from './report.ts'

const WIDTH = 300
const HEIGHT = 70
/** Room for the words at the top. */
const TOP = 14

/** The picture, and its numbers in words. */
export function LatencyChart({ latencies }: { readonly latencies: readonly number[] }): ReactElement {
  if (latencies.length === 0) return <p>No heartbeat was answered since this panel was opened.</p>
  const worst = Math.max(...latencies)
  const now = latencies[latencies.length - 1] as number
  const x = (index: number): number => round(latencies.length === 1 ? WIDTH : (index / (latencies.length - 1)) * WIDTH)
  const y = (ms: number): number => round(HEIGHT - 2 - (ms / (worst || 1)) * (HEIGHT - TOP - 4))
  const words = `Now ${round(now)} ms, at most ${round(worst)} ms, of ${latencies.length}`
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`Latency of the last heartbeats. ${words}`}>
      <text x={0} y={10}>
        {words}
      </text>
      <path data-floor d={`M0 ${HEIGHT - 1}H${WIDTH}`} />
      <polyline data-line points={latencies.map((ms, index) => `${x(index)},${y(ms)}`).join(' ')} />
      <circle data-dot cx={x(latencies.length - 1) - 3} cy={y(now)} r={3} />
    </svg>
  )
}
