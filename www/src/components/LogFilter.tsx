import type { ReactElement } from 'react'
import type { Kind } from '../model/journal.ts'

const CHOICES: readonly (readonly [Kind | 'all', string])[] = [
  ['all', 'All'],
  ['line', 'Line'],
  ['message', 'Messages'],
  ['people', 'People'],
  ['problem', 'Problems'],
]

interface Props {
  readonly kind: Kind | 'all'
  readonly onKind: (kind: Kind | 'all') => void
}

export function LogFilter({ kind, onKind }: Props): ReactElement {
  return (
    <fieldset className="filter">
      <legend className="unseen">Show</legend>
      {CHOICES.map(([choice, words]) => (
        <label key={choice}>
          <input type="radio" name="log-kind" checked={choice === kind} onChange={() => onKind(choice)} />
          <span>{words}</span>
        </label>
      ))}
    </fieldset>
  )
}
