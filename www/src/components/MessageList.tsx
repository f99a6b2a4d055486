import type { ReactElement } from 'react'
import { useStickToEnd } from '../hooks/useStickToEnd.ts'
import { useStore } from '../hooks/useStore.ts'
import type { Room } from '../model/room.ts'
import type { Entry } from '../model/timeline.ts'
import { GapNotice } from './GapNotice.tsx'
import { MessageRow } from './MessageRow.tsx'

/** Messages of one author this close together share a head. */
const TOGETHER_MS = 180_000

export function MessageList({ room }: { readonly room: Room }): ReactElement {
  const entries = useStore(room.timeline.entries)
  const past = useStore(room.past)
  const { ref, atEnd, onScroll, toEnd } = useStickToEnd(entries)
  return (
    <div className="messages-frame">
      <div ref={ref} className="messages" role="log" aria-label={`Messages in ${room.name}`} tabIndex={0} onScroll={onScroll}>
        {past === 'failed' && (
          <p className="messages-note">
            What was said before could not be fetched.{' '}
            <button type="button" className="link" onClick={() => void room.load()}>
              Try again
            </button>
          </p>
        )}
        {past === 'waiting' && entries.length === 0 && <p className="messages-note">Fetching what was said before…</p>}
        {past === 'loaded' && entries.length === 0 && <p className="messages-note">Nothing has been said here yet.</p>}
        {entries.map((entry, index) =>
          entry.kind === 'gap' ? (
            <GapNotice key={entry.key} gap={entry} />
          ) : (
            <MessageRow key={entry.key} room={room} entry={entry} follows={follows(entry, entries[index - 1])} />
          ),
        )}
      </div>
      {!atEnd && (
        <button type="button" className="button small to-end" onClick={toEnd}>
          To the newest
        </button>
      )}
    </div>
  )
}

function follows(entry: Entry, before: Entry | undefined): boolean {
  if (entry.kind === 'gap' || before?.kind !== 'message') return false
  const same = entry.own === before.own && (entry.own || entry.from === before.from) && entry.author.name === before.author.name
  return same && entry.time - before.time < TOGETHER_MS
}
