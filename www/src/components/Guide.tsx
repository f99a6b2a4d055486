import type { ReactElement } from 'react'
import { SecondPerson } from './SecondPerson.tsx'

/** What to try, in the order that makes sense. */
export function Guide(): ReactElement {
  return (
    <section className="guide" aria-labelledby="guide-title">
      <h2 className="label" id="guide-title">
        Try this
      </h2>
      <ol>
        <li>
          <SecondPerson /> in a new tab and talk.
        </li>
        <li>Break the line with the buttons on the right, and go on typing.</li>
        <li>Watch it come back: everything arrives, once and in order.</li>
        <li>Hang up, write, choose the other transport: what waits goes along.</li>
      </ol>
    </section>
  )
}
