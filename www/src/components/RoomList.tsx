import type { ReactElement } from 'react'
import type { OpenRoom } from '../hooks/useRoom.ts'
import { useStore } from '../hooks/useStore.ts'
import { current, enter } from '../model/rooms.ts'
import { useRooms } from './Rooms.tsx'

export function RoomList(): ReactElement {
  const rooms = useRooms()
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

function RoomLink({ room }: { readonly room: OpenRoom }): ReactElement {
  const unread = room.chat.unreadCount
  const here = useStore(current) === room.name
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
