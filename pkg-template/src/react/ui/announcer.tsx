/** Says changes to screen readers: politely, and only those that last. */
import { type CSSProperties, type ReactElement, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { useLatest } from '../latest.ts'

/** How long a change must hold before it is said, in milliseconds: a line that flaps is not worth a word. */
const HOLDS_MS = 1_000
/** How long words stay where a reader who walks through the page finds them, in milliseconds. */
const STAYS_MS = 5_000

/** Out of sight, and still read. */
const HIDDEN: CSSProperties = {
  position: 'absolute',
  width: 1,
  height: 1,
  margin: -1,
  padding: 0,
  overflow: 'hidden',
  clipPath: 'inset(50%)',
  whiteSpace: 'nowrap',
  border: 0,
}

const never = (): (() => void) => () => {}

/**
 * Says `text` when `about` has changed. What a page begins with is not said. It exists in browsers alone: styles that come with a server's
 * HTML may be forbidden, and it would be seen.
 */
export function Announcer({
  about,
  text,
  everyMs = 0,
  passing = false,
}: {
  readonly about: string | number | boolean
  readonly text: string
  /** The least time between two announcements. */
  readonly everyMs?: number
  /** Nothing to say yet: something else follows. */
  readonly passing?: boolean
}): ReactElement | null {
  const mounted = useSyncExternalStore(never, () => true, () => false)
  const [said, say] = useState('')
  const known = useRef(about)
  const last = useRef(-Infinity)
  const latest = useLatest(text)
  useEffect(() => {
    if (passing || about === known.current) return
    const timer = setTimeout(() => {
      known.current = about
      last.current = performance.now()
      say(latest.current)
    }, Math.max(HOLDS_MS, last.current + everyMs - performance.now()))
    return () => clearTimeout(timer)
  }, [about, everyMs, passing, latest])
  useEffect(() => {
    if (!said) return
    const timer = setTimeout(() => say(''), STAYS_MS)
    return () => clearTimeout(timer)
  }, [said])
  return mounted ? (
    <span role="status" style={HIDDEN} data-part="announcer">
      {said}
    </span>
  ) : null
}
