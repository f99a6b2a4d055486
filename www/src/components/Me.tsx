import { type ReactElement, useRef } from 'react'
import { useStore } from '../hooks/useStore.ts'
import { identity } from '../model/identity.ts'
import { Avatar } from './Avatar.tsx'
import { MeDialog } from './MeDialog.tsx'

/** Who I am, and the way to be somebody else. */
export function Me(): ReactElement {
  const person = useStore(identity)
  const dialog = useRef<HTMLDialogElement>(null)
  return (
    <div className="me">
      <button type="button" className="me-button" aria-haspopup="dialog" onClick={() => dialog.current?.showModal()}>
        <Avatar person={person} />
        <span className="me-words">
          <span className="me-name">{person.name}</span>
          <span className="me-hint">That is you. Change</span>
        </span>
      </button>
      <MeDialog ref={dialog} />
    </div>
  )
}
