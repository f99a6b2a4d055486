import { createContext, type ReactElement, type ReactNode, useContext } from 'react'
import { useHanded } from '../hooks/useHanded.ts'
import { type OpenRoom, useRoom } from '../hooks/useRoom.ts'
import { useStore } from '../hooks/useStore.ts'
import { current, harbour, lobby, workshop } from '../model/rooms.ts'

const Open = createContext<readonly OpenRoom[]>([])

/** Is in all rooms for as long as it is there. */
export function Rooms({ children }: { readonly children: ReactNode }): ReactElement {
  const rooms = [useRoom(lobby), useRoom(workshop), useRoom(harbour)]
  useHanded(rooms)
  return <Open value={rooms}>{children}</Open>
}

export function useRooms(): readonly OpenRoom[] {
  return useContext(Open)
}

/** The one that is looked at. */
export function useCurrentRoom(): OpenRoom {
  const name = useStore(current)
  const room = useRooms().find((open) => open.name === name)
  if (!room) throw new Error('expected <Rooms> above')
  return room
}
