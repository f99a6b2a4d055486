import type { ReactElement } from 'react'
import { initialsOf, type Person } from '../model/person.ts'

/** Initials on a person's colour. Decoration: the name stands beside it. */
export function Avatar({ person, size = 'normal' }: { readonly person: Person; readonly size?: 'small' | 'normal' }): ReactElement {
  return (
    <span className="avatar" data-colour={person.colour} data-size={size} aria-hidden="true">
      {initialsOf(person.name)}
    </span>
  )
}
