import { type FormEvent, type ReactElement, type RefObject, useState } from 'react'
import { useStore } from '../hooks/useStore.ts'
import { identity, rename } from '../model/identity.ts'
import { type Colour, COLOURS, NAME_MAX } from '../model/person.ts'
import { Avatar } from './Avatar.tsx'

/** Name and colour. */
export function MeDialog({ ref }: { readonly ref: RefObject<HTMLDialogElement | null> }): ReactElement {
  const person = useStore(identity)
  const [name, setName] = useState(person.name)
  const [colour, setColour] = useState<Colour>(person.colour)
  const reset = (): void => {
    setName(identity.get().name)
    setColour(identity.get().colour)
  }
  const save = (event: FormEvent): void => {
    event.preventDefault()
    rename({ name: name.trim() || person.name, colour })
    ref.current?.close()
  }
  return (
    <dialog ref={ref} className="dialog" aria-labelledby="me-title" onClose={reset}>
      <form onSubmit={save}>
        <h2 id="me-title">Who are you?</h2>
        <p className="dialog-hint">Kept for this tab only: two tabs are two people.</p>
        <div className="dialog-name">
          <Avatar person={{ name: name.trim() || person.name, colour }} />
          <label>
            <span className="label">Name</span>
            <input data-testid="name-input" value={name} maxLength={NAME_MAX} autoComplete="off" onChange={(event) => setName(event.target.value)} />
          </label>
        </div>
        <fieldset>
          <legend className="label">Colour</legend>
          <div className="swatches">
            {COLOURS.map((choice) => (
              <label key={choice} className="swatch" data-colour={choice}>
                <input type="radio" name="colour" checked={choice === colour} onChange={() => setColour(choice)} />
                <span className="unseen">{choice}</span>
              </label>
            ))}
          </div>
        </fieldset>
        <div className="dialog-buttons">
          <button type="button" className="button" onClick={() => ref.current?.close()}>
            Cancel
          </button>
          <button type="submit" className="button primary" data-testid="name-save">
            Save
          </button>
        </div>
      </form>
    </dialog>
  )
}
