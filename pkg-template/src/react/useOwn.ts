/** A client's life in a component: made in a render, connected while mounted, destroyed afterwards. */
import { useEffect, useState } from 'react'
import type { Client } from '../client.ts'
import type { EventMap } from '../events.ts'
import { type ConnectionOptions, keyOf, Own } from './own.ts'
import { hold } from './store.ts'

/** The client given, or one of these options: another one only when they have another key. */
export function useOwn(given: Client<EventMap> | undefined, options: ConnectionOptions): Client<EventMap> {
  const [made, setMade] = useState<Own>()
  let own = made
  if (given ? made : made?.key !== keyOf(options)) {
    own = given ? undefined : new Own(options)
    setMade(own)
  }
  useEffect(() => own?.update(options), [own, options])
  useEffect(() => {
    if (!own) return
    return hold(own, () => () => {
      own.client.destroy()
      // Still there, but hidden: when it is shown again it needs a living one.
      setMade((now) => (now === own ? undefined : now))
    })
  }, [own])
  return (own?.client ?? given) as Client<EventMap>
}

/** Connects while at least one component wants it, and closes what it connected. */
export function useConnected(client: Client<EventMap>, connect: boolean): void {
  // Before it connects: then the queue is read.
  useEffect(
    () =>
      client.onLifecycle('restored', ({ messages }) => {
        void import('./unsettled.ts').then(({ keepRestored }) => keepRestored(client, messages), console.error)
      }),
    [client],
  )
  useEffect(() => {
    if (!connect) return
    return hold(client, () => {
      const { status } = client.state
      // Neither connecting, connected nor reconnecting.
      const ours = !status.includes('connect')
      if (ours) client.connect()
      return () => {
        if (ours) client.close()
      }
    })
  }, [client, connect])
}
