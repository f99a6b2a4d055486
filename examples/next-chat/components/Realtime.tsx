'use client'

import { createContext, type ReactElement, type ReactNode, useContext } from 'react'
import { TautlineProvider } from 'tautline/react'
import type { Session } from '@/auth'

type User = Session['user']

const Me = createContext<User>({ id: '', name: '' })

/** Who is signed in. */
export function useMe(): User {
  return useContext(Me)
}

interface Props {
  /** The relay. */
  readonly url: string
  readonly user: User
  readonly children: ReactNode
}

/** The connection to the relay. What is written while there is none waits on disk, each user's own. */
export function Realtime({ url, user, children }: Props): ReactElement {
  return (
    <Me value={user}>
      <TautlineProvider url={url} token={fetchToken} queue={{ persist: `chat ${user.id}` }}>
        {children}
      </TautlineProvider>
    </Me>
  )
}

async function fetchToken(): Promise<string> {
  const response = await fetch('/api/realtime-token')
  // The session is over: whoever comes back signs in again.
  if (response.status === 401) location.assign('/signin')
  if (!response.ok) throw new Error(`expected a token, got HTTP ${response.status}`)
  return response.text()
}
