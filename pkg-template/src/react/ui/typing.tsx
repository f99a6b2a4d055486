/** `TypingIndicator`: who is writing. */
import type { ReactElement } from 'react'
import { Announcer } from './announcer.tsx'
import { nameOf } from './name.ts'
import type { PartProps, SpokenProps } from './part.ts'

/** The least time between two announcements, in milliseconds: in a busy room somebody always begins. */
const EVERY_MS = 15_000

/** Props of {@link TypingIndicator}. */
export interface TypingIndicatorProps extends PartProps, SpokenProps {
  /** Who is typing: `typingUsers` of `useRealtimeTyping` or `useRealtimeChat`. */
  readonly users: readonly { readonly id: string; readonly name?: string | undefined }[]
  /** The words, also in other languages. A name is undefined where it is not known. */
  readonly text?: ((names: readonly (string | undefined)[]) => string) | undefined
}

/**
 * Who is typing. Its element is always there, so that nothing jumps; `data-active` says whether anybody is.
 *
 * @example
 * const { typingUsers } = useRealtimeTyping({ channel: 'room' })
 * return <TypingIndicator users={typingUsers} />
 */
export function TypingIndicator({ users, text = typingText, announce = true, ...rest }: TypingIndicatorProps): ReactElement {
  const active = users.length > 0
  const words = active ? text(users.map(nameOf)) : ''
  return (
    <span {...rest} data-tautline="typing-indicator" data-active={active}>
      {active && (
        <span data-part="dots" aria-hidden>
          <span />
          <span />
          <span />
        </span>
      )}
      <span data-part="text">{words}</span>
      {announce && <Announcer about={active} text={words} everyMs={active ? EVERY_MS : 0} />}
    </span>
  )
}

function typingText(names: readonly (string | undefined)[]): string {
  const [first = 'Someone', second = 'someone'] = names
  if (names.length === 1) return `${first} is typing…`
  if (names.length === 2) return `${first} and ${second} are typing…`
  if (names.length === 3) return `${first}, ${second} and ${names[2] ?? 'someone'} are typing…`
  return `${first}, ${second} and ${names.length - 2} others are typing…`
}
