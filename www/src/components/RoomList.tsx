import type { ReactElement } from 'react'
import { useStore } from '../hooks/useStore.ts'
import type { Room } from '../model/room.ts'
import { current, enter, rooms } from '../model/rooms.ts'

export function RoomList(): ReactElement {
  return (
    <nav className="rooms" aria-label="Rooms">
      <h2 className="label">Rooms</h2>
      <ul>
        {rooms.map((room) => (
          <li key={room.name}>
            <RoomLink room={room} />
          </li>
        ))}
      </ul>
    </nav>
  )
}

function RoomLink({ room }: { readonly room: Room }): ReactElement {
  const unread = useStore(room.unread)
  const here = useStore(current) === room
  return (
    <button type="button" className="room" data-testid={`room-${room.name}`} aria-current={here ? 'page' : undefined} onClick={() => enter(room)}>
      <span className="room-name">{room.name}</span>
      {unread > 0 && (
        <span className="room-unread">
          {unread > 99 ? '99+' : unread}
          <span className="unseen"> unread</span>
        </span>
      )}
    </button>
  )
}
