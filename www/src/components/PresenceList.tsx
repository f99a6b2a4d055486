import type { ReactElement } from 'react'
import { useStore } from '../hooks/useStore.ts'
import type { Room } from '../model/room.ts'
import { Avatar } from './Avatar.tsx'

/** With more than this there is no room for names. */
const MANY = 5

/** Who is in the room; those who look elsewhere are pale. */
export function PresenceList({ room }: { readonly room: Room }): ReactElement {
  const attendants = useStore(room.attendants)
  return (
    <ul className="presence" data-many={attendants.length > MANY} aria-label="People in this room">
      {attendants.map((attendant) => {
        const where = attendant.here ? 'here now' : 'looking elsewhere'
        return (
          <li key={attendant.id} data-testid="presence-member" data-here={attendant.here} title={`${attendant.name}, ${where}`}>
            <Avatar person={attendant} size="small" />
            <span className="presence-name">{attendant.self ? 'You' : attendant.name}</span>
            <span className="unseen">{where}</span>
          </li>
        )
      })}
    </ul>
  )
}
