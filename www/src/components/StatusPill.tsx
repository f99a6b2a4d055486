import type { ReactElement } from 'react'
import type { ConnectionStatus as Status } from 'tautline'
import { useConnectionState } from 'tautline/react'
import { ConnectionStatus } from 'tautline/react/ui'
import { wordsOf } from '../model/words.ts'

const LABELS: Readonly<Record<Status, string>> = {
  idle: 'Not connected',
  connecting: 'Connecting',
  connected: 'Connected',
  reconnecting: 'Reconnecting',
  closed: 'Hung up',
  failed: 'Given up',
}

const textOf = (status: Status, retryInS: number): string => (retryInS > 0 ? `Next try in ${retryInS} s` : LABELS[status])

/** The connection's state, its true cause and, while it waits, when it tries again. */
export function StatusPill(): ReactElement {
  const { status, cause } = useConnectionState()
  const why = status === 'reconnecting' || status === 'failed' ? cause : undefined
  const stuck = status === 'closed' || status === 'failed'
  return (
    <div className="status">
      <ConnectionStatus text={textOf} retry={stuck ? 'Call again' : 'Try now'} data-testid="status" />
      {why && (
        <span className="status-why" title={why.code}>
          {wordsOf(why)}
        </span>
      )}
    </div>
  )
}
