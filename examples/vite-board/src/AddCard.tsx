import { type ReactElement, useState } from 'react'
import type { ColumnHead } from './Column.tsx'
import { TextForm } from './TextForm.tsx'

interface Props {
  readonly column: ColumnHead
  readonly onAdd: (text: string) => void
}

/** A new card at the end of a column, and the next one after it. */
export function AddCard({ column, onAdd }: Props): ReactElement {
  const [open, setOpen] = useState(false)
  if (open) return <TextForm label={`New card in ${column.title}`} submit="Add" onText={onAdd} onCancel={() => setOpen(false)} />
  return (
    <button type="button" className="add" onClick={() => setOpen(true)}>
      Add a card
    </button>
  )
}
