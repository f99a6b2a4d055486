import type { ReactElement } from 'react'
import { useConnection } from '../hooks/useConnection.ts'
import { StatusPill } from './StatusPill.tsx'
import { TautLine } from './TautLine.tsx'
import { ThemeToggle } from './ThemeToggle.tsx'

export function Header(): ReactElement {
  const { status } = useConnection()
  return (
    <header className="header" data-line={status}>
      <h1 className="wordmark">tautline</h1>
      <TautLine />
      <StatusPill />
      <ThemeToggle />
    </header>
  )
}
