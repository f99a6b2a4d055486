/** The last change of state, for the diagram. */
import type { Client, ConnectionStatus } from 'tautline'
import { Store } from './store.ts'

export interface Transition {
  readonly from: ConnectionStatus
  readonly to: ConnectionStatus
  /** Counts up, so that the same one can be drawn again. */
  readonly number: number
}

export const transition = new Store<Transition>({ from: 'idle', to: 'idle', number: 0 })

/** Begins; the result ends it. */
export function startTransition(client: Client): () => void {
  const { number } = transition.get()
  const { status } = client.state
  transition.set({ from: status, to: status, number })
  return client.onConnectionStateChange(({ status }) => {
    const { to, number } = transition.get()
    if (status !== to) transition.set({ from: to, to: status, number: number + 1 })
  })
}
