import { type ReactElement, useEffect, useRef, useState } from 'react'
import { useRealtimeChannel, useRealtimePresence, useRealtimeSync } from 'tautline/react'
import { ConnectionStatus, QueueIndicator } from 'tautline/react/ui'
import { between, type Card, cardsOf, type ColumnId, columns } from './card.ts'
import { Column } from './Column.tsx'
import { loadCards } from './loadCards.ts'

const CHANNEL = 'board'
/** Nobody signs in here: each page is somebody. */
const me = { id: crypto.randomUUID() }

export function Board(): ReactElement {
  const [problem, setProblem] = useState('')
  const { history } = useRealtimeChannel({ channel: CHANNEL })
  const { onlineCount } = useRealtimePresence({ channel: CHANNEL, user: me })
  const { data, insert, update, remove } = useRealtimeSync<Card>({
    channel: CHANNEL,
    resource: 'card',
    fetch: () => loadCards(history),
    onError: (error, change) => {
      const text = change?.item.text?.slice(0, 40)
      setProblem(`${text ? `“${text}” was taken back` : 'The board could not be loaded'}: ${error instanceof Error ? error.message : error}`)
    },
  })
  const moved = useRef('')
  useEffect(() => {
    // What is moved takes the focus along.
    if (moved.current) document.getElementById(moved.current)?.focus()
    moved.current = ''
  }, [data])

  const add = (column: ColumnId, text: string): void => {
    setProblem('')
    insert({ id: crypto.randomUUID(), text, column, rank: between(cardsOf(data, column).at(-1), undefined) })
  }
  const move = ({ id }: Card, column: ColumnId, above?: Card): void => {
    const cards = cardsOf(data, column).filter((card) => card.id !== id)
    const place = above ? cards.findIndex((card) => card.id === above.id) + 1 : 0
    moved.current = id
    update(id, { column, rank: between(cards[place - 1], cards[place]) })
  }
  return (
    <>
      <header className="bar">
        <h1>Slate</h1>
        <p data-testid="online">{onlineCount === 1 ? 'Only you are here' : `${onlineCount} are here`}</p>
        <p className="line">
          <QueueIndicator data-testid="queue" />
          <ConnectionStatus retry="Try now" data-testid="status" />
        </p>
      </header>
      <p className="problem" role="alert" data-testid="problem">
        {problem}
      </p>
      <main className="columns">
        {columns.map((column, index) => (
          <Column
            key={column.id}
            column={column}
            cards={cardsOf(data, column.id)}
            before={columns[index - 1]}
            after={columns[index + 1]}
            onAdd={(text) => add(column.id, text)}
            onDrop={(id, above) => {
              const card = data.find((one) => one.id === id)
              if (card) move(card, column.id, above)
            }}
            onMove={move}
            onWrite={({ id }, text) => update(id, { text })}
            onRemove={({ id }) => remove(id)}
          />
        ))}
      </main>
    </>
  )
}
