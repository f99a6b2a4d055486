'use client'

import { useEffect, useState } from 'react'
import { useConnectionState } from 'tautline/react'

export function Provided() {
  const { status } = useConnectionState()
  const [alive, setAlive] = useState(false)
  useEffect(() => setAlive(true), [])
  return <p data-provided={status} data-alive={alive} />
}
