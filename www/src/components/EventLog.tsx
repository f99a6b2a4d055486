import { type ReactElement, useMemo, useState } from 'react'
import { useStickToEnd } from '../hooks/useStickToEnd.ts'
import { useStore } from '../hooks/useStore.ts'
import { clearJournal, journal, type Kind } from '../model/journal.ts'
import { LogFilter } from './LogFilter.tsx'
import { LogRow } from './LogRow.tsx'

/** What happened, newest last. */
export function EventLog(): ReactElement {
  const [kind, setKind] = useState<Kind | 'all'>('all')
  const notes = useStore(journal)
  const shown = useMemo(() => (kind === 'all' ? notes : notes.filter((one) => one.kind === kind)), [notes, kind])
  const { ref, onScroll } = useStickToEnd(shown)
  return (
    <section className="log" aria-labelledby="log-title">
      <div className="log-head">
        <h3 className="label" id="log-title">
          Log
        </h3>
        <LogFilter kind={kind} onKind={setKind} />
        <button type="button" className="link" onClick={clearJournal}>
          Clear
        </button>
      </div>
      {/* Not read aloud by itself: the announcer says what matters. */}
      <div ref={ref} className="log-rows" role="log" aria-live="off" aria-labelledby="log-title" tabIndex={0} onScroll={onScroll}>
        {shown.length === 0 && <p className="log-empty">Nothing yet.</p>}
        {shown.map((one) => (
          <LogRow key={one.id} note={one} />
        ))}
      </div>
    </section>
  )
}
