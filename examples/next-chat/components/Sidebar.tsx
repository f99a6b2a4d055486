'use client'

import type { ReactElement } from 'react'
import { conversations } from '@/lib/conversations'
import { Connection } from './Connection'
import { ConversationLink } from './ConversationLink'
import { Mark } from './Mark'
import { Me } from './Me'
import { Notifications } from './Notifications'
import { People } from './People'

interface Props {
  readonly signOut: () => Promise<void>
}

/** Beside every conversation: where to go, who is there, how the line is. */
export function Sidebar({ signOut }: Props): ReactElement {
  return (
    <aside className="sidebar" data-theme="dark">
      <header className="brand">
        <Mark />
        <span>Quay</span>
        <Notifications />
      </header>
      <nav aria-label="Conversations">
        <h2>Conversations</h2>
        <ul className="links">
          {conversations.map((conversation) => (
            <ConversationLink key={conversation.id} conversation={conversation} />
          ))}
        </ul>
      </nav>
      <People />
      <footer>
        <Connection />
        <Me signOut={signOut} />
      </footer>
    </aside>
  )
}
