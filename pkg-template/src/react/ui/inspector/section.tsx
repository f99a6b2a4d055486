/** A part of the panel, with its heading. */
import { type ReactElement, type ReactNode, useId } from 'react'

/** The part. */
export function Section({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactElement {
  const id = useId()
  return (
    <section aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      {children}
    </section>
  )
}
