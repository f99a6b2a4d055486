import type { ReactElement } from 'react'
import { TautlineInspector } from 'tautline/react/ui'
import { TransportSelect } from './TransportSelect.tsx'

/** Which line it is, and a way to look into it. */
export function Tools(): ReactElement {
  return (
    <section className="tools" aria-label="Transport and tools">
      <TransportSelect />
      <TautlineInspector />
    </section>
  )
}
