import type { ReactElement } from 'react'
import { useRealtimePresence } from 'tautline/react'
import { readAttendance } from '../model/person.ts'
import type { Room } from '../model/room.ts'
import { Avatar } from './Avatar.tsx'

/** With more than this there is no room for names. */
const MANY = 5

/** Who is in the room; those who look elsewhere are pale. */
export function PresenceList({ room }: { readonly room: Room }): ReactElement {
  const { users } = useRealtimePresence({ channel: room.channel.name })
  return (
    <ul className="presence" data-many={users.length > MANY} aria-label="People in this room">
      {users.map((user) => {
        const attendance = readAttendance(user)
        const where = attendance.here ? 'here now' : 'looking elsewhere'
        return (
          <li key={user.id} data-testid="presence-member" data-here={attendance.here} title={`${attendance.name}, ${where}`}>
            <Avatar person={attendance} size="small" />
            <span className="presence-name">{user.self ? 'You' : attendance.name}</span>
            <span className="unseen">{where}</span>
          </li>
        )
      })}
    </ul>
  )
}
