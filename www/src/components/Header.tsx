import type { ReactElement } from 'react'
import { useConnectionState } from 'tautline/react'
import { StatusPill } from './StatusPill.tsx'
import { TautLine } from './TautLine.tsx'
import { ThemeToggle } from './ThemeToggle.tsx'

export function Header(): ReactElement {
  const { status } = useConnectionState()
  return (
    <header className="header" data-line={status}>
      <h1 className="wordmark">tautline</h1>
      <TautLine />
      <StatusPill />
      <ThemeToggle />
    </header>
  )
}
