/** How hooks find the client of their provider. */
import { type Context, createContext, useContext } from 'react'
import type { Client } from '../client.ts'
import { TautlineError } from '../error.ts'
import type { EventMap, RegisteredEvents } from '../events.ts'

/** Undefined outside of every provider. */
export const TautlineContext: Context<Client<EventMap> | undefined> = /* @__PURE__ */ createContext<Client<EventMap> | undefined>(undefined)

const copies = Symbol.for('tautline.react')

/** Says that a provider of this copy of the package is in use. */
export function announce(): void {
  ;(globalThis as { [copies]?: unknown })[copies] = TautlineContext
}

/**
 * The client of the provider above.
 *
 * @throws {TautlineError} `misuse/no-provider` where there is none; `misuse/unsupported` where two copies of React are loaded, or outside of components
 */
export function useTautline<Events extends object = RegisteredEvents>(): Client<Events> {
  const client = useClient()
  if (client) return client as unknown as Client<Events>
  const other = (globalThis as { [copies]?: unknown })[copies] ?? TautlineContext
  throw new TautlineError('misuse/no-provider', {
    message: other === TautlineContext ? '' : 'Another copy of this package has one: see `npm ls tautline`.',
  })
}

/** The client of the provider above, if there is one. */
export function useClient(): Client<EventMap> | undefined {
  try {
    return useContext(TautlineContext)
  } catch (cause) {
    throw new TautlineError('misuse/unsupported', { message: 'Not in a component, or two copies of React: see `npm ls react`.', cause })
  }
}
