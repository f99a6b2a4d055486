import type { ReactElement } from 'react'
import { useConnection } from '../hooks/useConnection.ts'
import { wordsOf } from '../model/words.ts'

/** Says changes of the connection to those who do not see them. */
export function Announcer(): ReactElement {
  const { status, cause } = useConnection()
  return (
    <p className="unseen" role="status" aria-live="polite">
      {`Connection: ${status}${cause && status !== 'connected' ? `, ${wordsOf(cause)}` : ''}.`}
    </p>
  )
}
