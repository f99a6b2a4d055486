import { useEffect } from 'react'
import { useTautline } from 'tautline/react'
import { handed } from '../model/transport.ts'
import type { OpenRoom } from './useRoom.ts'

/** Tells another server what was taken back from the one before. */
export function useHanded(rooms: readonly OpenRoom[]): void {
  const client = useTautline()
  useEffect(() => {
    for (const { room, text } of handed.splice(0)) void rooms.find(({ name }) => name === room)?.chat.sendMessage(text)
    // Only another client is another server.
  }, [client])
}
