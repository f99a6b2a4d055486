import type { ReactElement } from 'react'
import { useConnectionState } from 'tautline/react'
import { useStore } from '../hooks/useStore.ts'
import { ceilingOf, latencyPath, outages, queuePath } from '../model/chart.ts'
import { samples } from '../model/samples.ts'
import { Chart } from './Chart.tsx'

/** Beats come every two seconds: more than this is a hole. */
const HOLE_MS = 4_500

const figure = (ms: number | undefined): string => (ms === undefined ? '–' : ms < 10 ? ms.toFixed(1) : String(Math.round(ms)))

/** Latency and queue of the last two minutes, on one axis of time. */
export function Charts(): ReactElement {
  const { status } = useConnectionState()
  const { now, queue, latency, stats } = useStore(samples)
  const away = outages(queue, now)
  const slowest = ceilingOf(Math.max(0, ...latency.map(({ ms }) => ms)), 8)
  const longest = ceilingOf(Math.max(0, ...queue.map(({ size }) => size)), 10)
  const size = queue.at(-1)?.size ?? 0
  const { latencyMs, quality } = stats
  const p50 = figure(latencyMs?.p50)
  const p95 = figure(latencyMs?.p95)
  return (
    <section className="charts" aria-label="The last two minutes" data-line={status}>
      <Chart
        title="Latency"
        top={`${slowest} ms`}
        outages={away}
        words={`Latency: half under ${p50}, 19 of 20 under ${p95} milliseconds; the line is ${quality}`}
        figures={
          <>
            <span className="figure-part">
              <small>p50</small> {p50}
            </span>
            <span className="figure-part">
              <small>p95</small> {p95} <small>ms</small>
            </span>
          </>
        }
      >
        <path className="chart-line" d={latencyPath(latency, now, slowest, HOLE_MS)} />
      </Chart>
      <Chart
        title="Queue"
        top={String(longest)}
        outages={away}
        words={`Queue: ${size} messages`}
        figures={
          <span className="figure-part">
            <span data-testid="queue-size">{size}</span> <small>waiting</small>
          </span>
        }
      >
        <path className="chart-area" d={queuePath(queue, now, longest)} />
      </Chart>
      <p className="charts-axis" aria-hidden="true">
        <span>2 min ago</span>
        <span className="charts-key">no line</span>
        <span>now</span>
      </p>
    </section>
  )
}
