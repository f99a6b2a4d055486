import type { ReactElement } from 'react'
import { useRealtimeTyping } from 'tautline/react'
import { TypingIndicator } from 'tautline/react/ui'
import type { Room } from '../model/room.ts'

/** Who is typing. Always there, so that nothing jumps. */
export function TypingLine({ room }: { readonly room: Room }): ReactElement {
  const { typingUsers } = useRealtimeTyping({ channel: room.channel.name })
  return (
    <p className="typing">
      <TypingIndicator users={typingUsers} data-testid="typing" />
    </p>
  )
}
