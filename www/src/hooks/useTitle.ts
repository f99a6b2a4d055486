import { useEffect } from 'react'
import { rooms } from '../model/rooms.ts'

/** Shows the unread messages of all rooms in the page's title. */
export function useTitle(): void {
  useEffect(() => {
    const plain = document.title
    const write = (): void => {
      const unread = rooms.reduce((sum, room) => sum + room.unread.get(), 0)
      document.title = unread > 0 ? `(${unread}) ${plain}` : plain
    }
    const ends = rooms.map((room) => room.unread.subscribe(write))
    return () => {
      for (const end of ends) end()
      document.title = plain
    }
  }, [])
}
