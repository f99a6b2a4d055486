/** What hooks of presence need only once there is a connection: people, of the members of a channel. */
import type { Channel } from '../channel.ts'
import type { Client } from '../client.ts'
import type { EventMap } from '../events.ts'
import type { Member } from '../presence.ts'
import { attend } from './attendance.ts'
import { claimOf, idOf } from './person.ts'
import type { PresenceStatus, PresenceUser, RealtimeTyping } from './presence.ts'

export { watchIdle } from './idle.ts'

/** Is in the channel's presence, as this JSON says, until the result is called. */
export function appear(channel: Channel<EventMap>, said: string): () => void {
  return attend(channel, JSON.parse(said) as object)
}

/** From the most present on. */
const STATUSES: readonly PresenceStatus[] = ['busy', 'online', 'away']

/** People, of their clients. */
export function usersOf<User extends object>(client: Client, members: readonly Member[]): readonly PresenceUser<User>[] {
  const self = client.getConnectionInfo().member
  const users = new Map<string, PresenceUser>()
  for (const member of members) {
    const said = claimOf(member.state)
    const id = idOf(member)
    const before = users.get(id)
    const status = STATUSES.find((known) => known === before?.status || known === said['status']) ?? 'online'
    users.set(id, {
      ...said,
      ...before,
      id,
      status,
      self: before?.self || member.id === self,
      connections: (before?.connections ?? 0) + 1,
    })
  }
  return [...users.values()] as unknown as readonly PresenceUser<User>[]
}

/** The people behind member ids. */
export function typistsOf<User extends object>(
  client: Client,
  channel: Channel<EventMap> | undefined,
  ids: readonly string[],
): RealtimeTyping<User>['typingUsers'] {
  const self = client.getConnectionInfo().member
  const members = (channel?.presence.members ?? []).filter(({ id }) => ids.includes(id))
  const strangers = ids.filter((id) => id !== self && !members.some((member) => member.id === id))
  return [...usersOf<User>(client, members).filter((user) => !user.self), ...strangers.map((id) => ({ id }))]
}
