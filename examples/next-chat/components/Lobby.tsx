'use client'

import { createContext, type ReactElement, type ReactNode, useContext } from 'react'
import { type RealtimePresence, useRealtimePresence } from 'tautline/react'
import { LOBBY } from '@/lib/channels'
import { useMe } from './Realtime'

const AWAY_AFTER_MS = 5 * 60_000

const Presence = createContext<RealtimePresence | undefined>(undefined)

/** Is in the lobby with everybody who is signed in. */
export function Lobby({ children }: { readonly children: ReactNode }): ReactElement {
  const presence = useRealtimePresence({ channel: LOBBY, user: useMe(), awayAfterMs: AWAY_AFTER_MS })
  return <Presence value={presence}>{children}</Presence>
}

/** Who else is there, and what is said of me. */
export function useLobby(): RealtimePresence {
  const presence = useContext(Presence)
  if (!presence) throw new Error('useLobby: expected a <Lobby> above')
  return presence
}
