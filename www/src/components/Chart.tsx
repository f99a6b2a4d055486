import type { ReactElement, ReactNode } from 'react'
import { CHART } from '../model/chart.ts'

interface Props {
  readonly title: string
  /** What the upper edge stands for. */
  readonly top: string
  /** The picture in words. */
  readonly words: string
  readonly figures: ReactNode
  readonly outages: readonly { readonly x: number; readonly width: number }[]
  readonly children: ReactNode
}

/** One small chart: its figures now, and its past. */
export function Chart({ title, top, words, figures, outages, children }: Props): ReactElement {
  return (
    <div className="chart">
      <div className="chart-head">
        <h3 className="label">{title}</h3>
        <p className="figures">{figures}</p>
      </div>
      <div className="chart-frame">
        <svg viewBox={`0 0 ${CHART.width} ${CHART.height}`} preserveAspectRatio="none" role="img" aria-label={words}>
          {outages.map(({ x, width }) => (
            <rect key={x} className="chart-outage" x={x} y="0" width={width} height={CHART.height} />
          ))}
          <path className="chart-ground" d={`M0 ${CHART.height - 1}H${CHART.width}`} />
          {children}
        </svg>
        <span className="chart-top" aria-hidden="true">
          {top}
        </span>
      </div>
    </div>
  )
}
