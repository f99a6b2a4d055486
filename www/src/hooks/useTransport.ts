import { useCallback } from 'react'
import { useRooms } from '../components/Rooms.tsx'
import { note } from '../model/journal.ts'
import { handed, NAMES, type Transport, transport } from '../model/transport.ts'
import { useStore } from './useStore.ts'

/**
 * The transport, and a way to another. What waits is taken back first, so it cannot arrive twice; what is on its way stays with the server
 * that may have it.
 */
export function useTransport(): readonly [Transport, (to: Transport) => Promise<void>] {
  const rooms = useRooms()
  const chosen = useStore(transport)
  const choose = useCallback(
    async (to: Transport) => {
      for (const { name, chat } of rooms) {
        for (const { key, own, status, text } of chat.messages) {
          if (own && status === 'sending' && (await chat.discard(key))) handed.push({ room: name, text })
        }
      }
      note('line', `Over to the ${NAMES[to]}${handed.length > 0 ? `, with ${handed.length} of what waited` : ''}`)
      transport.set(to)
    },
    [rooms],
  )
  return [chosen, choose]
}
