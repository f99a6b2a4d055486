import type { ReactElement } from 'react'

interface Props {
  readonly id: string
  readonly name: string
}

/** The first letters of a name, in the colour that `PresenceAvatars` gives the same person. */
export function Avatar({ id, name }: Props): ReactElement {
  const words = name.split(' ')
  const letters = [words[0], words.length > 1 ? words.at(-1) : ''].map((word = '') => [...word][0] ?? '')
  let hash = 0
  for (const letter of id) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) >>> 0
  return (
    <span className="avatar" data-hue={hash % 8} aria-hidden="true">
      {letters.join('')}
    </span>
  )
}
