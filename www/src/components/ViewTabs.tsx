import { type KeyboardEvent, type ReactElement } from 'react'

export type View = 'chat' | 'line'

const LABELS: Record<View, string> = { chat: 'Chat', line: 'The line' }
const VIEWS: readonly View[] = ['chat', 'line']

interface Props {
  readonly view: View
  readonly onView: (view: View) => void
}

/** On narrow screens: the chat or the line. */
export function ViewTabs({ view, onView }: Props): ReactElement {
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return
    const other: View = view === 'chat' ? 'line' : 'chat'
    onView(other)
    document.getElementById(`tab-${other}`)?.focus()
  }
  return (
    <div className="tabs" role="tablist" aria-label="Views" onKeyDown={onKeyDown}>
      {VIEWS.map((name) => (
        <button
          key={name}
          id={`tab-${name}`}
          type="button"
          role="tab"
          aria-selected={view === name}
          aria-controls={`panel-${name}`}
          tabIndex={view === name ? 0 : -1}
          onClick={() => onView(name)}
        >
          {LABELS[name]}
        </button>
      ))}
    </div>
  )
}
