import type { ReactElement } from 'react'
import { client } from '../client.ts'
import { useConnection } from '../hooks/useConnection.ts'
import { useCountdown } from '../hooks/useCountdown.ts'
import { wordsOf } from '../model/words.ts'

const LABELS = {
  idle: 'Not connected',
  connecting: 'Connecting',
  connected: 'Connected',
  reconnecting: 'Reconnecting',
  closed: 'Hung up',
  failed: 'Given up',
} as const

/** The connection's state, its true cause and, while it waits, when it tries again. */
export function StatusPill(): ReactElement {
  const { status, cause } = useConnection()
  const countdown = useCountdown()
  const why = status === 'reconnecting' || status === 'failed' ? cause : undefined
  const next = countdown === undefined ? 'trying now' : `next try in ${(countdown / 1_000).toFixed(1)} s`
  return (
    <div className="status" data-testid="status" data-state={status}>
      <span className="status-words">
        <span className="status-first">
          <strong>{LABELS[status]}</strong>
          {status === 'reconnecting' && <span className="status-next">{next}</span>}
        </span>
        {why && <span className="status-why" title={why.code}>{wordsOf(why)}</span>}
      </span>
      {countdown !== undefined && (
        <button type="button" className="button small" onClick={() => client.retry()}>
          Try now
        </button>
      )}
      {(status === 'closed' || status === 'failed') && (
        <button type="button" className="button small" onClick={() => client.connect()}>
          Call again
        </button>
      )}
    </div>
  )
}
