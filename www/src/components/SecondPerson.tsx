import type { ReactElement } from 'react'

/** Another tab is another person: without `noopener` it would inherit this one's name. */
export function SecondPerson(): ReactElement {
  return (
    <a className="second" href="./" target="_blank" rel="noopener">
      Open a second person
    </a>
  )
}
