/** Functions that change with every render, and what is subscribed once. */
import { type RefObject, useInsertionEffect, useRef } from 'react'

/** Always holds what the last finished render was given: for listeners, never for rendering. */
export function useLatest<T>(value: T): RefObject<T> {
  const latest = useRef(value)
  useInsertionEffect(() => {
    latest.current = value
  })
  return latest
}
