import { useConnection } from './useConnection.ts'
import { useNow } from './useNow.ts'

/** Milliseconds until the next attempt; undefined while none is awaited. */
export function useCountdown(): number | undefined {
  const state = useConnection()
  const wait = state.status === 'reconnecting' ? state.retryInMs : 0
  const now = useNow(wait > 0 ? 100 : undefined)
  return wait > 0 ? Math.max(0, Math.min(wait, state.since + wait - now)) : undefined
}
