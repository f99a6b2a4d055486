import { Fragment, type ReactElement } from 'react'
import type { ChatMessage } from 'tautline/react'
import type { OpenRoom } from '../hooks/useRoom.ts'
import { useStickToEnd } from '../hooks/useStickToEnd.ts'
import { GapNotice } from './GapNotice.tsx'
import { MessageRow } from './MessageRow.tsx'

/** Messages of one author this close together share a head. */
const TOGETHER_MS = 180_000

export function MessageList({ room }: { readonly room: OpenRoom }): ReactElement {
  const { name, gaps, chat } = room
  const { messages, members, isLoading, hasMore, loadMore, retry, discard } = chat
  const { ref, atEnd, onScroll, toEnd } = useStickToEnd(messages)
  const gapsAfter = (key: string | undefined): ReactElement[] =>
    gaps.filter(({ after }) => after === key).map((gap) => <GapNotice key={gap.key} gap={gap} />)
  return (
    <div className="messages-frame">
      <div ref={ref} className="messages" role="log" aria-label={`Messages in ${name}`} tabIndex={0} onScroll={onScroll}>
        {messages.length === 0 && (
          <p className="messages-note">{isLoading ? 'Fetching what was said before…' : 'Nothing has been said here yet.'}</p>
        )}
        {hasMore && (
          <p className="messages-note">
            <button type="button" className="link" disabled={isLoading} onClick={() => void loadMore()}>
              What was said before
            </button>
          </p>
        )}
        {gapsAfter(undefined)}
        {messages.map((message, index) => (
          <Fragment key={message.key}>
            <MessageRow message={message} members={members} follows={follows(message, messages[index - 1])} onRetry={retry} onDiscard={discard} />
            {gapsAfter(message.key)}
          </Fragment>
        ))}
      </div>
      {!atEnd && (
        <button type="button" className="button small to-end" onClick={toEnd}>
          To the newest
        </button>
      )}
    </div>
  )
}

function follows({ user, time }: ChatMessage, before: ChatMessage | undefined): boolean {
  return before?.user.id === user.id && before.user.name === user.name && time - before.time < TOGETHER_MS
}
