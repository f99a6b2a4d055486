/** From samples to points of a picture. Times run to the right, the newest at the edge. */
import { type LatencySample, type QueueSample, SPAN_MS } from './samples.ts'

export const CHART = { width: 424, height: 52 } as const

/** A round number at or above the largest, so that the scale does not tremble. */
export function ceilingOf(largest: number, least: number): number {
  let ceiling = least
  while (ceiling < largest) ceiling *= 2
  return ceiling
}

export function xOf(time: number, now: number): number {
  return CHART.width * (1 - (now - time) / SPAN_MS)
}

function yOf(value: number, ceiling: number): number {
  return CHART.height - 2 - (value / ceiling) * (CHART.height - 6)
}

/** A line from beat to beat; it ends where more than one beat is missing. */
export function latencyPath(samples: readonly LatencySample[], now: number, ceiling: number, breakMs: number): string {
  let path = ''
  let before = -Infinity
  for (const { time, ms } of samples) {
    const point = `${xOf(time, now).toFixed(1)} ${yOf(ms, ceiling).toFixed(1)}`
    path += time - before > breakMs ? `M${point}h0.01` : `L${point}`
    before = time
  }
  return path
}

/** Steps, filled down to the ground. */
export function queuePath(samples: readonly QueueSample[], now: number, ceiling: number): string {
  const [first] = samples
  if (!first) return ''
  const ground = CHART.height - 2
  let path = `M${xOf(first.time, now).toFixed(1)} ${ground}`
  for (const { time, size } of samples) path += `H${xOf(time, now).toFixed(1)}V${yOf(size, ceiling).toFixed(1)}`
  return `${path}H${CHART.width}V${ground}Z`
}

/** The spans without a connection. */
export function outages(samples: readonly QueueSample[], now: number): readonly { readonly x: number; readonly width: number }[] {
  const spans: { x: number; width: number }[] = []
  let start: number | undefined
  for (const { time, away } of [...samples, { time: now, away: false }]) {
    if (away) start ??= time
    else if (start !== undefined) {
      spans.push({ x: xOf(start, now), width: Math.max(1, xOf(time, now) - xOf(start, now)) })
      start = undefined
    }
  }
  return spans
}
