import { type KeyboardEvent, type ReactElement, useState } from 'react'

const TEXT_MAX = 2_000

interface Props {
  readonly label: string
  readonly submit: string
  readonly initial?: string
  readonly onText: (text: string) => void
  readonly onCancel: () => void
}

/** A few lines of text: Enter takes them, Escape does not. */
export function TextForm({ label, submit, initial = '', onText, onCancel }: Props): ReactElement {
  const [text, setText] = useState(initial)
  const clean = text.trim()
  const take = (): void => {
    if (!clean) return
    setText('')
    onText(clean)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') onCancel()
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    take()
  }
  return (
    <form
      className="text-form"
      onSubmit={(event) => {
        event.preventDefault()
        take()
      }}
    >
      <textarea
        aria-label={label}
        rows={2}
        maxLength={TEXT_MAX}
        autoFocus
        value={text}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={onKeyDown}
      />
      <div className="actions">
        <button type="submit" className="primary" disabled={!clean}>
          {submit}
        </button>
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  )
}
