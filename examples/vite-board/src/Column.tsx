import type { DragEvent, ReactElement } from 'react'
import { AddCard } from './AddCard.tsx'
import type { Card, ColumnId } from './card.ts'
import { CardItem } from './CardItem.tsx'

export interface ColumnHead {
  readonly id: ColumnId
  readonly title: string
}

interface Props {
  readonly column: ColumnHead
  readonly cards: readonly Card[]
  /** The neighbours. */
  readonly before: ColumnHead | undefined
  readonly after: ColumnHead | undefined
  readonly onAdd: (text: string) => void
  /** A card was dropped here: below another one, or on top. */
  readonly onDrop: (id: string, above: Card | undefined) => void
  readonly onMove: (card: Card, to: ColumnId) => void
  readonly onWrite: (card: Card, text: string) => void
  readonly onRemove: (card: Card) => void
}

/** What a dragged card is called among things that can be dropped. */
export const CARD_TYPE = 'application/x-card'

export function Column({ column, cards, before, after, onAdd, onDrop, onMove, onWrite, onRemove }: Props): ReactElement {
  const accept = (event: DragEvent): void => {
    if (event.dataTransfer.types.includes(CARD_TYPE)) event.preventDefault()
  }
  const drop = (event: DragEvent): void => {
    const id = event.dataTransfer.getData(CARD_TYPE)
    if (!id) return
    event.preventDefault()
    const items = [...event.currentTarget.querySelectorAll('[data-testid="card"]')]
    const above = items.filter((item) => item.id !== id && middleOf(item) < event.clientY).at(-1)
    onDrop(id, cards.find((card) => card.id === above?.id))
  }
  return (
    <section className="column" data-column={column.id} aria-labelledby={`title-${column.id}`} onDragOver={accept} onDrop={drop}>
      <h2 id={`title-${column.id}`}>
        {column.title} <span className="count">{cards.length}</span>
      </h2>
      <ul>
        {cards.map((card) => (
          <CardItem
            key={card.id}
            card={card}
            before={before}
            after={after}
            onMove={(to) => onMove(card, to)}
            onWrite={(text) => onWrite(card, text)}
            onRemove={() => onRemove(card)}
          />
        ))}
      </ul>
      <AddCard column={column} onAdd={onAdd} />
    </section>
  )
}

function middleOf(item: Element): number {
  const { top, height } = item.getBoundingClientRect()
  return top + height / 2
}
