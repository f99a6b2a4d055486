'use client'

import type { ReactElement } from 'react'
import type { PresenceStatus } from 'tautline/react'
import { Avatar } from './Avatar'
import { useLobby } from './Lobby'
import { useMe } from './Realtime'

const CHOICES: readonly PresenceStatus[] = ['online', 'away', 'busy']

interface Props {
  readonly signOut: () => Promise<void>
}

/** Who I am, and what the others see of me. */
export function Me({ signOut }: Props): ReactElement {
  const { id, name } = useMe()
  const { status, updateStatus } = useLobby()
  return (
    <div className="me">
      <Avatar id={id} name={name} />
      <strong>{name}</strong>
      <label className="unseen" htmlFor="my-status">
        My status
      </label>
      <select id="my-status" value={status} onChange={({ target }) => updateStatus(target.value as PresenceStatus)}>
        {CHOICES.map((choice) => (
          <option key={choice}>{choice}</option>
        ))}
      </select>
      <form action={signOut}>
        <button type="submit" className="quiet">
          Sign out
        </button>
      </form>
    </div>
  )
}
