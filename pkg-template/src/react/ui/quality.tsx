/** `ConnectionQuality`: how good the line is. */
import type { ReactElement } from 'react'
import type { Client } from '../../client.ts'
import type { Unsubscribe } from '../../events.ts'
import type { Quality } from '../../info.ts'
import { useTautline } from '../context.ts'
import { shared, useWatched } from '../store.ts'
import type { PartProps } from './part.ts'

/** Props of {@link ConnectionQuality}. */
export interface ConnectionQualityProps extends PartProps {
  /** What it is called. Default "Connection quality". */
  readonly label?: string | undefined
  /** The words, also in other languages. `latencyMs`: the usual time of a heartbeat's way there and back; undefined until one was measured. */
  readonly text?: ((quality: Quality, latencyMs: number | undefined) => string) | undefined
}

/** From the worst on; their place is what a meter shows. */
const QUALITIES: readonly Quality[] = ['unknown', 'poor', 'fair', 'good', 'excellent']

/**
 * How good the line is, as measured by heartbeats: four bars and words. `data-quality` of its element says it to stylesheets.
 *
 * @example
 * <ConnectionQuality text={(quality) => words[quality]} />
 */
export function ConnectionQuality({ label = 'Connection quality', text = qualityText, ...rest }: ConnectionQualityProps): ReactElement {
  const client = useTautline()
  const line = shared(client, 'quality', () => ({ onQuality: (changed: () => void) => watch(client, changed) }))
  const quality = useWatched(line, 'onQuality', () => client.getStats().quality, 'unknown')
  const latencyMs = useWatched(line, 'onQuality', () => Math.round(client.getStats().latencyMs?.p50 ?? -1), -1)
  const level = QUALITIES.indexOf(quality)
  const words = text(quality, level > 0 && latencyMs >= 0 ? latencyMs : undefined)
  return (
    <span
      {...rest}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={4}
      aria-valuenow={level}
      aria-valuetext={words}
      data-tautline="connection-quality"
      data-quality={quality}
    >
      <span data-part="bars" aria-hidden>
        {QUALITIES.slice(1).map((each, index) => (
          <span key={each} data-part="bar" data-on={index < level || undefined} />
        ))}
      </span>
      <span data-part="text">{words}</span>
    </span>
  )
}

function watch(client: Client, changed: () => void): Unsubscribe {
  const ends = [client.onLifecycle('latency', changed), client.onConnectionStateChange(changed)]
  return () => {
    for (const end of ends) end()
  }
}

function qualityText(quality: Quality, latencyMs: number | undefined): string {
  const words = { unknown: 'Not measured', poor: 'Poor', fair: 'Fair', good: 'Good', excellent: 'Excellent' }[quality]
  return latencyMs === undefined ? words : `${words}, ${latencyMs} ms`
}
