/** Rooms by their names: being in one, speaking there. */
import type { Channel } from '../channel.ts'
import type { Client } from '../client.ts'
import type { EventMap, RegisteredEvents, Unsubscribe } from '../events.ts'
import type { SendHandle } from '../send.ts'
import { getWebSocketClient } from './client.ts'

/** The rooms that each client is in. */
const joined = new WeakMap<Client<EventMap>, Map<string, Unsubscribe>>()

function roomsOf(client: Client<EventMap>): Map<string, Unsubscribe> {
  const rooms = joined.get(client) ?? new Map<string, Unsubscribe>()
  joined.set(client, rooms)
  return rooms
}

/** Is in a room from now on, over all reconnects, until {@link leaveWebSocketRoom}. Twice is once. Listen to what it returns. */
export function joinWebSocketRoom<Events extends object = RegisteredEvents>(room: string): Channel<Events> {
  const client = getWebSocketClient<EventMap>()
  const channel = client.channel<Events>(room)
  const rooms = roomsOf(client)
  if (!rooms.has(room)) rooms.set(room, channel.subscribe())
  return channel
}

/** Leaves a room, unless somebody else still listens to it. Without effect in a room that was not joined. */
export function leaveWebSocketRoom(room: string): void {
  const rooms = roomsOf(getWebSocketClient<EventMap>())
  rooms.get(room)?.()
  rooms.delete(room)
}

/** Sends to a room: at once, or as soon as there is a connection. The room need not be joined. */
export function sendWebSocketMessage(room: string, payload: unknown, event = 'message'): SendHandle {
  return getWebSocketClient<EventMap>().channel(room).send(event, payload)
}

/** Says that the user types in a joined room, or stopped. Call it at every key press: it is said no more often than needed. */
export function notifyWebSocketTyping(room: string, typing = true): void {
  getWebSocketClient<EventMap>().channel(room).typing(typing)
}
