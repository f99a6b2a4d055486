/** What stands on the board. */
export interface Card {
  readonly id: string
  readonly text: string
  readonly column: ColumnId
  /** The order within a column: smaller is higher. */
  readonly rank: number
}

export const columns = [
  { id: 'todo', title: 'To do' },
  { id: 'doing', title: 'Doing' },
  { id: 'done', title: 'Done' },
] as const

export type ColumnId = (typeof columns)[number]['id']

/** Whether this is one: everybody may publish to the board, and what strangers send can be anything. */
export function isCard({ id, text, column, rank }: Card): boolean {
  return typeof id === 'string' && typeof text === 'string' && columns.some((known) => known.id === column) && typeof rank === 'number'
}

/** The cards of a column, from above. */
export function cardsOf(cards: readonly Card[], column: ColumnId): readonly Card[] {
  return cards.filter((card) => isCard(card) && card.column === column).sort((a, b) => a.rank - b.rank || (a.id < b.id ? -1 : 1))
}

/** A rank between two neighbours. */
export function between(above: Card | undefined, below: Card | undefined): number {
  if (above && below) return (above.rank + below.rank) / 2
  return above ? above.rank + 1 : below ? below.rank - 1 : 0
}
