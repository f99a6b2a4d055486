'use client'

import type { ReactElement } from 'react'
import { ConnectionStatus, QueueIndicator } from 'tautline/react/ui'

/** How the line is, and what waits for it. */
export function Connection(): ReactElement {
  return (
    <p className="connection">
      <ConnectionStatus retry="Try now" data-testid="status" />
      <QueueIndicator text={waits} data-testid="queue" />
    </p>
  )
}

const waits = (count: number): string => (count === 0 ? 'Everything is sent' : `${count} waiting`)
