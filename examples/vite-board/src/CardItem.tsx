import { type ReactElement, useState } from 'react'
import type { Card, ColumnId } from './card.ts'
import { CARD_TYPE, type ColumnHead } from './Column.tsx'
import { TextForm } from './TextForm.tsx'

interface Props {
  readonly card: Card
  readonly before: ColumnHead | undefined
  readonly after: ColumnHead | undefined
  readonly onMove: (to: ColumnId) => void
  readonly onWrite: (text: string) => void
  readonly onRemove: () => void
}

/** One card: dragged, or moved with its buttons. */
export function CardItem({ card, before, after, onMove, onWrite, onRemove }: Props): ReactElement {
  const [writing, setWriting] = useState(false)
  const { id, text } = card
  const to = (column: ColumnHead | undefined, arrow: string): ReactElement | undefined =>
    column && (
      <button type="button" onClick={() => onMove(column.id)} aria-label={`Move to ${column.title}`} title={`Move to ${column.title}`}>
        {arrow}
      </button>
    )
  return (
    <li
      id={id}
      className="card"
      data-testid="card"
      tabIndex={-1}
      draggable={!writing}
      onDragStart={({ dataTransfer }) => {
        dataTransfer.setData(CARD_TYPE, id)
        dataTransfer.effectAllowed = 'move'
      }}
    >
      {writing ? (
        <TextForm
          label="Text of the card"
          submit="Save"
          initial={text}
          onText={(next) => {
            if (next !== text) onWrite(next)
            setWriting(false)
          }}
          onCancel={() => setWriting(false)}
        />
      ) : (
        <>
          <p>{text}</p>
          <div className="actions">
            {to(before, '←')}
            {to(after, '→')}
            <button type="button" onClick={() => setWriting(true)}>
              Edit
            </button>
            <button type="button" onClick={onRemove}>
              Delete
            </button>
          </div>
        </>
      )}
    </li>
  )
}
