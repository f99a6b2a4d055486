'use client'

import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { type ReactElement, useState } from 'react'
import { useRealtimeChannel } from 'tautline/react'
import { channelOf } from '@/lib/channels'
import type { Conversation } from '@/lib/conversations'
import { useMe } from './Realtime'

/** The way to a conversation, and how much was said there since it was left. */
export function ConversationLink({ conversation }: { readonly conversation: Conversation }): ReactElement {
  const { id, name } = conversation
  const path = `/c/${id}`
  const here = usePathname() === path
  const me = useMe()
  const [unread, setUnread] = useState(0)
  if (here && unread > 0) setUnread(0)
  useRealtimeChannel({
    channel: channelOf(id),
    events: {
      message: (_, { user }) => {
        if (!here && user !== me.id) setUnread((count) => count + 1)
      },
    },
  })
  return (
    <li>
      <Link href={path} aria-current={here ? 'page' : undefined} data-testid={`to-${id}`}>
        <span className="link-name">{name}</span>
        {unread > 0 && (
          <span className="badge">
            {unread}
            <span className="unseen"> unread</span>
          </span>
        )}
      </Link>
    </li>
  )
}
