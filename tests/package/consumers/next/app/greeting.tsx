'use client'

import { useEffect, useState, useSyncExternalStore } from 'react'
import { type Client, type ConnectionState, createClient } from 'tautline'

interface Events {
  greeting: { text: string }
}

// At module scope, where applications put it; it runs on the server as well.
const client: Client<Events> = createClient<Events>({
  url: () => new URLSearchParams(location.search).get('relay') ?? '/ws',
})
const subscribe = (listener: () => void) => client.onConnectionStateChange(listener)
const now = (): ConnectionState => client.state

export function Greeting() {
  const { status } = useSyncExternalStore(subscribe, now, now)
  const [heard, setHeard] = useState('')
  useEffect(() => {
    const room = client.channel(`consumers:${Math.random()}`)
    const end = room.on('greeting', ({ text }) => setHeard(text))
    client.connect()
    room.send('greeting', { text: 'hello' })
    return end
  }, [])
  return (
    <p data-status={status} data-heard={heard}>
      {status}
    </p>
  )
}
