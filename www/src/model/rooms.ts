/** The three rooms, and which one is looked at. */
import { Store } from './store.ts'

export interface Room {
  readonly name: string
  readonly purpose: string
  /** The channel it is. */
  readonly channel: string
}

const room = (name: string, purpose: string): Room => ({ name, purpose, channel: `demo:${name}` })

export const lobby: Room = room('lobby', 'Say hello')
export const workshop: Room = room('workshop', 'Knots and hitches')
export const harbour: Room = room('harbour', 'Boats and weather')

/** Its name. */
export const current = new Store(lobby.name)

export function enter({ name }: Room): void {
  current.set(name)
}
