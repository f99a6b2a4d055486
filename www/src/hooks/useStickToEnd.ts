import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react'

/** How near the end still counts as the end, in pixels. */
const NEAR = 48

interface StickToEnd {
  readonly ref: RefObject<HTMLDivElement | null>
  /** Whether the end is in view. */
  readonly atEnd: boolean
  readonly onScroll: () => void
  readonly toEnd: () => void
}

/** Keeps a scrolling element at its end while the reader is there; `content` is what may make it grow. */
export function useStickToEnd(content: unknown): StickToEnd {
  const ref = useRef<HTMLDivElement>(null)
  const [atEnd, setAtEnd] = useState(true)
  const toEnd = useCallback(() => {
    const element = ref.current
    if (element) element.scrollTop = element.scrollHeight
    setAtEnd(true)
  }, [])
  const onScroll = useCallback(() => {
    const element = ref.current
    if (element) setAtEnd(element.scrollHeight - element.scrollTop - element.clientHeight < NEAR)
  }, [])
  useLayoutEffect(() => {
    if (atEnd) toEnd()
  }, [content, atEnd, toEnd])
  return { ref, atEnd, onScroll, toEnd }
}
