import type { ReactElement } from 'react'
import { useStore } from '../hooks/useStore.ts'
import type { Room } from '../model/room.ts'

/** Who is typing. Always there, so that nothing jumps. */
export function TypingLine({ room }: { readonly room: Room }): ReactElement {
  const members = useStore(room.typing)
  const names = members.map((member) => room.nameOf(member))
  const words = names.length > 2 ? 'Several people are typing' : `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} typing`
  return (
    <p className="typing">
      {names.length > 0 && (
        <span data-testid="typing">
          <svg viewBox="0 0 28 8" width="28" height="8" aria-hidden="true">
            <path d="M1 4 Q 5 0 9 4 T 17 4 T 25 4" />
          </svg>
          {words}
        </span>
      )}
    </p>
  )
}
