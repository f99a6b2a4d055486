/** Which channels there are, and whose they are. */
import { conversations } from './conversations'

/** Everybody who is signed in is there. */
export const LOBBY = 'lobby'

export const channelOf = (conversation: string): string => `conversation:${conversation}`

/** What a user may read and write. An application asks its database. */
export function channelsOf(user: string): string[] {
  return [LOBBY, `user:${user}`, ...conversations.map(({ id }) => channelOf(id))]
}
