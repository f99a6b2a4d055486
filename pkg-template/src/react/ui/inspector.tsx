/** `TautlineInspector`: a button, and the panel that it downloads and opens. */
import { type ComponentType, type ReactElement, useEffect, useId, useRef, useState } from 'react'
import type { EventMap } from '../../events.ts'
import { useTautline } from '../context.ts'
import { patiently } from '../lazy.ts'
import type { PanelProps } from './inspector/panel.tsx'
import type { PartProps } from './part.ts'

/**
 * Tools for developers: a button that opens a panel with the connection's state, timers, queue, frames, latency and losses, and that copies a
 * bug report without secrets. The panel is downloaded when it is opened, and watches from then on. Leave the component out of production, or show
 * it to those who ask.
 *
 * @example
 * {process.env.NODE_ENV === 'development' && <TautlineInspector />}
 */
export function TautlineInspector(props: PartProps): ReactElement {
  const client = useTautline<EventMap>()
  const [open, setOpen] = useState(false)
  const [Panel, setPanel] = useState<ComponentType<PanelProps>>()
  const [failed, setFailed] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const id = useId()
  useEffect(() => {
    if (!open) return
    let wanted = true
    patiently(() => import('./inspector/panel.tsx')).then(
      (loaded) => wanted && setPanel(() => loaded.Panel),
      () => wanted && setFailed(true),
    )
    return () => {
      wanted = false
    }
  }, [open])
  const toggle = (): void => {
    setOpen(!open)
    setFailed(false)
  }
  return (
    <>
      <button {...props} ref={button} type="button" aria-expanded={open} aria-controls={open ? id : undefined} data-tautline="inspector-button" onClick={toggle}>
        Tautline inspector
      </button>
      {failed && <span role="alert">The inspector could not be downloaded.</span>}
      {open && Panel && (
        <Panel
          client={client}
          id={id}
          onClose={() => {
            setOpen(false)
            button.current?.focus()
          }}
        />
      )}
    </>
  )
}
