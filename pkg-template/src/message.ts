/** Makes a {@link Message} of what the core or a history page says. */
import { BINARY, type Envelope, REPLAYED, SIGNAL } from './core.ts'
import type { Message } from './events.ts'

/** One object, with every member in place. */
export function toMessage(
  channel: string,
  event: string,
  payload: unknown,
  offset: number,
  flags: number,
  frame: Envelope,
  member: string | undefined,
): Message {
  const { id, from, user, time } = frame
  return {
    channel,
    event,
    payload,
    offset,
    id: typeof id === 'number' ? id : undefined,
    from: typeof from === 'string' ? from : undefined,
    user: typeof user === 'string' ? user : undefined,
    time: typeof time === 'number' ? time : undefined,
    own: from !== undefined && from === member,
    replayed: (flags & REPLAYED) !== 0,
    signal: (flags & SIGNAL) !== 0,
    binary: (flags & BINARY) !== 0,
  }
}
