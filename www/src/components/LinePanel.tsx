import type { ReactElement } from 'react'
import { Charts } from './Charts.tsx'
import { EventLog } from './EventLog.tsx'
import { FaultButtons } from './FaultButtons.tsx'
import { StateDiagram } from './StateDiagram.tsx'
import { Tools } from './Tools.tsx'

/** What is behind the chat: the state, the last two minutes, ways to break it, and what happened. */
export function LinePanel(): ReactElement {
  return (
    <section className="line" aria-labelledby="line-title">
      <h2 className="unseen" id="line-title">
        The line itself
      </h2>
      <Tools />
      <StateDiagram />
      <Charts />
      <FaultButtons />
      <EventLog />
    </section>
  )
}
