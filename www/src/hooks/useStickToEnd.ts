import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'

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
  const stuck = useRef(true)
  const [atEnd, setAtEnd] = useState(true)
  const stick = useCallback((on: boolean) => {
    stuck.current = on
    setAtEnd(on)
    const element = ref.current
    if (on && element) element.scrollTop = element.scrollHeight
  }, [])
  const toEnd = useCallback(() => stick(true), [stick])
  const onScroll = useCallback(() => {
    const element = ref.current
    // Out of sight it has no height, and says nothing about the reader.
    if (!element || element.clientHeight === 0) return
    stuck.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR
    setAtEnd(stuck.current)
  }, [])
  useLayoutEffect(() => {
    if (stuck.current) stick(true)
  }, [content, stick])
  useEffect(() => {
    if (!ref.current) return
    const observer = new ResizeObserver(() => {
      if (stuck.current) stick(true)
    })
    observer.observe(ref.current)
    return () => observer.disconnect()
  }, [stick])
  return { ref, atEnd, onScroll, toEnd }
}
