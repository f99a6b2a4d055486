import { useSyncExternalStore } from 'react'
import type { ConnectionState } from 'tautline'
import { client } from '../client.ts'

const subscribe = (changed: () => void): (() => void) => client.onConnectionStateChange(changed)
const get = (): ConnectionState => client.state

/** The connection, now and after each change. */
export function useConnection(): ConnectionState {
  return useSyncExternalStore(subscribe, get)
}
