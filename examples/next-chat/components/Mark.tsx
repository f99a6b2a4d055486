import type { ReactElement } from 'react'

/** The ring and the water. */
export function Mark(): ReactElement {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <circle cx="16" cy="11" r="6" />
      <path d="M4 24c4-3.200 8-3.200 12 0s8 3.200 12 0" />
    </svg>
  )
}
