import type { ReactElement } from 'react'
import { TypingIndicator } from 'tautline/react/ui'
import type { OpenRoom } from '../hooks/useRoom.ts'
import { Composer } from './Composer.tsx'
import { MessageList } from './MessageList.tsx'
import { PresenceList } from './PresenceList.tsx'

/** One room. */
export function Chat({ room }: { readonly room: OpenRoom }): ReactElement {
  const { members, typingUsers } = room.chat
  return (
    <section className="chat" aria-labelledby="room-title">
      <div className="chat-head">
        <h2 id="room-title">
          {room.name} <small>{room.purpose}</small>
        </h2>
        <PresenceList members={members} />
      </div>
      <MessageList room={room} />
      <p className="typing">
        <TypingIndicator users={typingUsers} data-testid="typing" />
      </p>
      <Composer room={room} />
    </section>
  )
}
