/**
 * What the page talks over: the relay, or the scripted gateway that sounds like Discord, where one runs beside it.
 * Out: the choice, and what is handed over with it. Not here: the clients.
 */
import { Store } from './store.ts'

export type Transport = 'relay' | 'gateway'

export const NAMES: Readonly<Record<Transport, string>> = { relay: 'Tautline relay', gateway: 'Discord-style gateway' }

/** A message that was taken back from one server, to be sent to the other. */
export interface Handed {
  readonly room: string
  readonly text: string
}

export const transport = new Store<Transport>('relay')

/** Where the gateway is; undefined where there is none. */
export const gatewayUrl = new Store<string | undefined>(undefined)

/** What the next server is to be told first. */
export const handed: Handed[] = []

/** Asks the server of this page, which knows what was started beside it. */
export async function findGateway(): Promise<void> {
  try {
    const answer: unknown = await (await fetch('/gateway.json')).json()
    const { url } = (answer ?? {}) as { readonly url?: unknown }
    if (typeof url === 'string' && /^wss?:\/\//.test(url)) gatewayUrl.set(url)
  } catch {
    // Served by something else: then there is only the relay.
  }
}
