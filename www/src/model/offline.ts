/**
 * Takes this page off the network, as far as a page can: its socket is cut, new ones go where nobody answers, and the
 * browser's own events say so.
 */
import { dropSocket } from './faults.ts'
import { note } from './journal.ts'
import { Store } from './store.ts'

export const offline = new Store(false)

/** A port of this machine that nothing listens on. */
const NOWHERE = 'ws://127.0.0.1:65535/'

/** From here on the page's sockets obey. Before the client opens its first. */
export function startOffline(): void {
  globalThis.WebSocket = class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(offline.get() ? NOWHERE : url, protocols)
    }
  }
}

export async function goOffline(): Promise<void> {
  offline.set(true)
  note('line', 'Went offline')
  dispatchEvent(new Event('offline'))
  await dropSocket()
}

export function goOnline(): void {
  offline.set(false)
  note('line', 'Online again')
  dispatchEvent(new Event('online'))
}
