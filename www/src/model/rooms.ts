/** The three rooms, which one is looked at, and what reaches all of them. */
import { client } from '../client.ts'
import { readPerson } from './person.ts'
import { Room } from './room.ts'
import { Store } from './store.ts'

export const lobby = new Room('lobby', 'Say hello')

export const rooms: readonly Room[] = [lobby, new Room('workshop', 'Knots and hitches'), new Room('harbour', 'Boats and weather')]

export const current = new Store<Room>(lobby)

export function enter(room: Room): void {
  current.set(room)
  look()
}

export function startRooms(): void {
  for (const room of rooms) room.start()
  document.addEventListener('visibilitychange', look)
  look()
  client.onLifecycle('restored', ({ messages }) => {
    for (const { channel, payload, handle } of messages) {
      const text = (payload as { text?: unknown } | null)?.text
      const room = rooms.find((one) => one.channel.name === channel)
      room?.follow(handle, { ...readPerson(payload), text: typeof text === 'string' ? text : '' })
    }
  })
}

function look(): void {
  for (const room of rooms) room.look(room === current.get() && document.visibilityState === 'visible')
}
