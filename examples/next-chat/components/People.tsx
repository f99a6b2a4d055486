'use client'

import { usePathname } from 'next/navigation'
import { type ReactElement, useState } from 'react'
import { conversations } from '@/lib/conversations'
import { Avatar } from './Avatar'
import { useLobby } from './Lobby'

/** Everybody who is signed in, and a way to call them. */
export function People(): ReactElement {
  const { users } = useLobby()
  const conversation = usePathname().split('/').at(-1) ?? ''
  const [outcome, setOutcome] = useState('')
  const others = users.filter(({ self }) => !self)

  const nudge = async (id: string, name: string): Promise<void> => {
    const body = JSON.stringify({ to: id, conversation: conversations.some((one) => one.id === conversation) ? conversation : 'general' })
    const response = await fetch('/api/nudges', { method: 'POST', headers: { 'content-type': 'application/json' }, body }).catch(() => undefined)
    setOutcome(response?.ok ? `${name} was told.` : `${name} could not be told just now.`)
  }

  return (
    <section className="people" aria-labelledby="people">
      <h2 id="people">People</h2>
      {others.length === 0 && <p className="hint">Nobody else yet.</p>}
      <ul>
        {others.map(({ id, name = id, status }) => (
          <li key={id} data-testid="person" data-status={status}>
            <Avatar id={id} name={name} />
            <span className="person-name">{name}</span>
            <span className="person-status">{status}</span>
            <button type="button" className="nudge" onClick={() => void nudge(id, name)} aria-label={`Nudge ${name}`}>
              Nudge
            </button>
          </li>
        ))}
      </ul>
      <p className="hint" role="status">
        {outcome}
      </p>
    </section>
  )
}
