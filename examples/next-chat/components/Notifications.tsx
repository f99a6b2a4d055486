'use client'

import Link from 'next/link'
import { type ReactElement, useState } from 'react'
import { type Notification, useNotifications } from 'tautline/react'
import { findConversation } from '@/lib/conversations'
import type { Nudge } from '@/lib/nudge'
import { useMe } from './Realtime'

const TOAST_MS = 6_000
const clock = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit' })

/** The bell: what the server tells me alone. */
export function Notifications(): ReactElement {
  const me = useMe()
  const [toast, setToast] = useState<Notification<Nudge>>()
  const { notifications, unreadCount, markRead, dismiss } = useNotifications<Nudge>({
    userId: me.id,
    onNotification: (notification) => {
      setToast(notification)
      setTimeout(() => setToast((now) => (now === notification ? undefined : now)), TOAST_MS)
    },
  })
  return (
    <>
      <button type="button" className="bell" popoverTarget="notifications" data-testid="bell">
        <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
          <path d="M6 10a6 6 0 0 1 12 0c0 5 2 6 2 7H4c0-1 2-2 2-7Z" />
          <path d="M10 20a2 2 0 0 0 4 0" />
        </svg>
        <span className="unseen">Notifications</span>
        {unreadCount > 0 && (
          <span className="badge">
            {unreadCount}
            <span className="unseen"> unread</span>
          </span>
        )}
      </button>
      <div id="notifications" className="notifications" popover="auto" onToggle={() => markRead()}>
        <h2>Notifications</h2>
        {notifications.length === 0 && <p className="hint">Nobody has called you.</p>}
        <ul>
          {notifications.map(({ id, payload, time }) => (
            <li key={id} data-testid="notification">
              <Words nudge={payload} />
              <time dateTime={new Date(time).toISOString()}>{clock.format(time)}</time>
              <button type="button" className="quiet" onClick={() => dismiss(id)}>
                Dismiss
              </button>
            </li>
          ))}
        </ul>
      </div>
      <div className="toasts" role="status">
        {toast && (
          <p className="toast" data-testid="toast">
            <Words nudge={toast.payload} />
          </p>
        )}
      </div>
    </>
  )
}

function Words({ nudge: { from, conversation } }: { readonly nudge: Nudge }): ReactElement {
  return (
    <span>
      <strong>{from}</strong> wants you in <Link href={`/c/${conversation}`}>{findConversation(conversation)?.name ?? conversation}</Link>
    </span>
  )
}
