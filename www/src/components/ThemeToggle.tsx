import type { ReactElement } from 'react'
import { useStore } from '../hooks/useStore.ts'
import { theme, toggleTheme } from '../model/theme.ts'

export function ThemeToggle(): ReactElement {
  const dark = useStore(theme) === 'dark'
  return (
    <button type="button" className="icon-button" onClick={toggleTheme} aria-label={dark ? 'Use light colours' : 'Use dark colours'}>
      <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
        <circle cx="10" cy="10" r="6.25" fill="none" stroke="currentColor" strokeWidth="1.5" />
        <path d="M10 3.75a6.25 6.25 0 0 1 0 12.5z" fill="currentColor" />
      </svg>
    </button>
  )
}
