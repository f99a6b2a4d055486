/**
 * The board as it is now. An application asks its database; this one has none but the relay, whose history has every change of the last hour.
 */
import type { Channel, EventMap, Message } from 'tautline'
import type { Card } from './card.ts'

const PAGE = 1_000

export async function loadCards(history: Channel<EventMap>['history']): Promise<readonly Card[]> {
  const changes: Message[] = []
  let before: number | undefined
  for (let more = true; more; ) {
    const page = await history({ limit: PAGE, before })
    changes.unshift(...page.messages)
    before = page.messages[0]?.offset
    more = page.more && before !== undefined
  }
  const cards = new Map<string, Card>()
  for (const { event, payload } of changes) {
    const card = { ...(payload as Card | null) } as Card
    const known = cards.get(card.id)
    if (event === 'card:insert') cards.set(card.id, card)
    else if (event === 'card:delete') cards.delete(card.id)
    else if (event === 'card:update' && known) cards.set(card.id, { ...known, ...card })
  }
  return [...cards.values()]
}
