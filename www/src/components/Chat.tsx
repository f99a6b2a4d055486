import type { ReactElement } from 'react'
import type { Room } from '../model/room.ts'
import { Composer } from './Composer.tsx'
import { MessageList } from './MessageList.tsx'
import { PresenceList } from './PresenceList.tsx'
import { TypingLine } from './TypingLine.tsx'

/** One room. */
export function Chat({ room }: { readonly room: Room }): ReactElement {
  return (
    <section className="chat" aria-labelledby="room-title">
      <div className="chat-head">
        <h2 id="room-title">
          {room.name} <small>{room.purpose}</small>
        </h2>
        <PresenceList room={room} />
      </div>
      <MessageList room={room} />
      <TypingLine room={room} />
      <Composer room={room} />
    </section>
  )
}
