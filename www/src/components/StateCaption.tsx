import type { ReactElement } from 'react'
import { useConnectionState, useTautline } from 'tautline/react'
import { useNow } from '../hooks/useNow.ts'
import { wordsOf } from '../model/words.ts'

function ago(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000))
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** The picture in words: since when, the last reason, how often. */
export function StateCaption(): ReactElement {
  const { status, since, cause } = useConnectionState()
  const client = useTautline()
  const now = useNow(1_000)
  const { attempt } = client.getConnectionInfo()
  const { reconnects } = client.getStats()
  return (
    <p className="diagram-caption">
      <span>
        {status === 'reconnecting' || status === 'failed' ? `${status}${cause ? `: ${wordsOf(cause)}` : ''}` : `${status} for ${ago(now - since)}`}
      </span>
      <span>
        {status === 'reconnecting' ? `attempt ${attempt}` : `${reconnects} ${reconnects === 1 ? 'reconnect' : 'reconnects'}`}
      </span>
    </p>
  )
}
