import type { ReactElement } from 'react'
import { Guide } from './Guide.tsx'
import { Me } from './Me.tsx'
import { RoomList } from './RoomList.tsx'
import { SecondPerson } from './SecondPerson.tsx'

/** Beside the chat: me, the rooms, and what to try. */
export function Rail(): ReactElement {
  return (
    <div className="rail">
      <Me />
      <RoomList />
      <p className="strip-link">
        <SecondPerson />
      </p>
      <Guide />
    </div>
  )
}
