/** `PresenceAvatars`: who is here. */
import { type ReactElement, useState } from 'react'
import { nameOf } from './name.ts'
import type { PartProps } from './part.ts'

/** Somebody to show: a user of `useRealtimePresence`, for one. */
export interface ShownUser {
  /** Who it is. */
  readonly id: string
  /** As it is shown. Default: the `id`. */
  readonly name?: string | undefined
  /** The address of a picture. What is neither `https:`, `http:`, `blob:` nor an image in itself is left out. */
  readonly avatar?: string | undefined
  /** How they are there. */
  readonly status?: 'online' | 'away' | 'busy' | undefined
  /** Whether it is this page's user. */
  readonly self?: boolean | undefined
}

/** Props of {@link PresenceAvatars}. */
export interface PresenceAvatarsProps extends PartProps {
  /** Who is here: `users` of `useRealtimePresence`. */
  readonly users: readonly ShownUser[]
  /** How many to show before the rest becomes a number. Default 5. */
  readonly max?: number | undefined
  /** What the list is called, also in other languages. */
  readonly label?: ((count: number) => string) | undefined
  /** What one of them is called, also in other languages. */
  readonly text?: ((user: ShownUser) => string) | undefined
  /** What the rest is called, also in other languages. */
  readonly more?: ((hidden: readonly ShownUser[]) => string) | undefined
}

/**
 * Who is here: pictures, or the first letters of their names. Each has `data-status`, and `data-hue` from 0 to 7, the same for the same user.
 *
 * @example
 * const { users } = useRealtimePresence({ channel: 'room', user: me })
 * return <PresenceAvatars users={users} max={3} />
 */
export function PresenceAvatars({
  users,
  max = 5,
  label = labelText,
  text = userText,
  more = moreText,
  ...rest
}: PresenceAvatarsProps): ReactElement {
  // A rest of one takes no more room than that one.
  const shown = users.length === max + 1 ? users : users.slice(0, max)
  const hidden = users.slice(shown.length)
  return (
    // The role once more: Safari takes it from lists without bullets.
    <ul {...rest} role="list" aria-label={label(users.length)} data-tautline="presence-avatars" data-count={users.length}>
      {shown.map((user) => (
        <li key={user.id} data-part="user" data-status={user.status ?? 'online'} data-self={user.self || undefined}>
          <Avatar user={user} text={text(user)} />
        </li>
      ))}
      {hidden.length > 0 && (
        <li data-part="user">
          <span role="img" aria-label={more(hidden)} title={more(hidden)} data-part="avatar more">
            +{hidden.length}
          </span>
        </li>
      )}
    </ul>
  )
}

function Avatar({ user, text }: { readonly user: ShownUser; readonly text: string }): ReactElement {
  const [broken, setBroken] = useState<string>()
  const { id, avatar } = user
  const picture = typeof avatar === 'string' && avatar !== broken && PICTURE.test(avatar) ? avatar : undefined
  return (
    <span role="img" aria-label={text} title={text} data-part="avatar" data-hue={hueOf(id)}>
      {picture ? (
        <img src={picture} alt="" referrerPolicy="no-referrer" loading="lazy" decoding="async" onError={() => setBroken(picture)} />
      ) : (
        initialsOf(nameOf(user) ?? id)
      )}
    </span>
  )
}

/** Where pictures may come from: what others say of themselves is nothing to trust. */
const PICTURE = /^(https?:\/\/|blob:|data:image\/|\/(?!\/))/i

function initialsOf(name: string): string {
  const words = name.split(/\s+/)
  const last = words.length > 1 ? words[words.length - 1] : ''
  return [words[0], last].map((word) => (word ? String.fromCodePoint(word.codePointAt(0) as number) : '')).join('').toUpperCase()
}

function hueOf(id: string): number {
  let hash = 0
  for (const letter of id) hash = (hash * 31 + (letter.codePointAt(0) as number)) >>> 0
  return hash % 8
}

function labelText(count: number): string {
  return count === 0 ? 'Nobody is here' : count === 1 ? '1 person is here' : `${count} people are here`
}

function userText(user: ShownUser): string {
  const { id, status = 'online', self } = user
  const notes = [self && 'you', status !== 'online' && status].filter(Boolean)
  return `${nameOf(user) ?? id}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`
}

function moreText(hidden: readonly ShownUser[]): string {
  return `${hidden.length} more: ${hidden.map((user) => nameOf(user) ?? user.id).join(', ')}`
}
