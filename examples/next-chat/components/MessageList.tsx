'use client'

import { Fragment, type ReactElement, useEffect, useLayoutEffect, useRef } from 'react'
import type { ChatMessage, RealtimeChat } from 'tautline/react'
import { MessageRow } from './MessageRow'

/** How near to the end still counts as reading along, in pixels. */
const NEAR = 80
const TOGETHER_MS = 5 * 60_000
const day = new Intl.DateTimeFormat('en', { weekday: 'long', day: 'numeric', month: 'long' })

/** The messages, by day; the newest in sight for whoever reads along. */
export function MessageList({ chat }: { readonly chat: RealtimeChat }): ReactElement {
  const { messages, hasMore, isLoading, loadMore, retry, discard } = chat
  const scroller = useRef<HTMLDivElement>(null)
  const follows = useRef(true)
  const last = messages.at(-1)?.key
  useLayoutEffect(() => {
    const { current } = scroller
    if (current && follows.current) current.scrollTop = current.scrollHeight
  }, [last])
  useEffect(() => {
    const { current } = scroller
    if (!current) return
    // The keyboard of a phone takes room away.
    const observer = new ResizeObserver(() => {
      if (follows.current) current.scrollTop = current.scrollHeight
    })
    observer.observe(current)
    return () => observer.disconnect()
  }, [])
  return (
    <div
      className="messages"
      ref={scroller}
      role="log"
      aria-label="Messages"
      tabIndex={0}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        follows.current = scrollHeight - scrollTop - clientHeight < NEAR
      }}
    >
      {hasMore && (
        <button type="button" className="button older" onClick={() => void loadMore()} disabled={isLoading}>
          Older messages
        </button>
      )}
      {messages.length === 0 && !isLoading && <p className="empty">Nothing was said here yet.</p>}
      {messages.map((message, index) => {
        const before = messages[index - 1]
        return (
          <Fragment key={message.key}>
            {dayOf(before) !== dayOf(message) && <h2 className="day">{dayOf(message)}</h2>}
            <MessageRow message={message} together={isTogether(before, message)} onRetry={retry} onDiscard={discard} />
          </Fragment>
        )
      })}
    </div>
  )
}

function dayOf(message: ChatMessage | undefined): string | undefined {
  return message && day.format(message.time)
}

/** Whether two are read as one: of one person, and soon after each other. */
function isTogether(before: ChatMessage | undefined, { user, time }: ChatMessage): boolean {
  return before?.user.id === user.id && time - before.time < TOGETHER_MS && day.format(before.time) === day.format(time)
}
