import type { ReactElement } from 'react'
import type { RealtimeChat } from 'tautline/react'
import { readAttendance } from '../model/person.ts'
import { Avatar } from './Avatar.tsx'

/** With more than this there is no room for names. */
const MANY = 5

/** Who is in the room; those who look elsewhere are pale. */
export function PresenceList({ members }: { readonly members: RealtimeChat['members'] }): ReactElement {
  return (
    <ul className="presence" data-many={members.length > MANY} aria-label="People in this room">
      {members.map((member) => {
        const attendance = readAttendance(member)
        const where = attendance.here ? 'here now' : 'looking elsewhere'
        return (
          <li key={member.id} data-testid="presence-member" data-here={attendance.here} title={`${attendance.name}, ${where}`}>
            <Avatar person={attendance} size="small" />
            <span className="presence-name">{member.self ? 'You' : attendance.name}</span>
            <span className="unseen">{where}</span>
          </li>
        )
      })}
    </ul>
  )
}
