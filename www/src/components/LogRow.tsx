import { memo, type ReactElement } from 'react'
import type { Note } from '../model/journal.ts'

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false })

export const LogRow = memo(function LogRow({ note }: { readonly note: Note }): ReactElement {
  return (
    <p className="log-row" data-tone={note.tone}>
      <time>{clock.format(note.time)}</time>
      <span>
        {note.text}
        {note.code && <code>{note.code}</code>}
      </span>
    </p>
  )
})
