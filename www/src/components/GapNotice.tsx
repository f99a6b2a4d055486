import type { ReactElement } from 'react'
import type { GapEntry } from '../hooks/useRoom.ts'

/** Says honestly that something may be missing. */
export function GapNotice({ gap }: { readonly gap: GapEntry }): ReactElement {
  const words =
    gap.missing === undefined
      ? 'The server has no memory of this time. What was said while we were away may be missing.'
      : `${gap.missing === 1 ? 'One message is' : `${gap.missing} messages are`} missing here: the relay no longer has ${gap.missing === 1 ? 'it' : 'them'}.`
  return (
    <p className="gap" data-testid="gap">
      <svg viewBox="0 0 64 12" width="64" height="12" aria-hidden="true">
        <path d="M1 6H20q4 0 6 5M63 6H44q-4 0-6 5" />
      </svg>
      {words}
    </p>
  )
}
