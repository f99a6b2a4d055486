/** What every component of this folder takes. */
import type { HTMLAttributes } from 'react'

/**
 * Everything that its outermost element takes: `className`, `style`, `id`, `title`, `data-…` and so on. Stylesheets find it by
 * `[data-tautline="…"]` too.
 */
export type PartProps = Omit<HTMLAttributes<HTMLElement>, 'children' | 'role' | 'dangerouslySetInnerHTML'>

/** For components that say aloud what changed. */
export interface SpokenProps {
  /**
   * Whether screen readers hear of changes: politely, once a change has held for a second. Default true; turn it off where a page shows
   * the same twice.
   */
  readonly announce?: boolean | undefined
}
