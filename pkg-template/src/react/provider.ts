/** `TautlineProvider`: gives a client to the hooks below it. */
import { createElement, type ReactElement, type ReactNode, useEffect } from 'react'
import type { Client } from '../client.ts'
import type { EventMap } from '../events.ts'
import { announce, TautlineContext, useClient } from './context.ts'
import type { ConnectionOptions } from './own.ts'
import { useConnected, useOwn } from './useOwn.ts'

interface Common {
  /** What may use the client. */
  readonly children?: ReactNode
  /** Whether to be connected: change it at any time. Default true. */
  readonly connect?: boolean | undefined
}

/** With a client of the application's own. */
export interface ProviderWithClient extends Common {
  /** Made by a `createClient`, at the top of a module. The provider connects it, if nobody else did, and then closes it at the end. */
  readonly client: Client<EventMap>
}

/** With options of which the provider makes a client. */
export interface ProviderWithOptions extends Common, ConnectionOptions {
  readonly client?: undefined
}

/** Props of {@link TautlineProvider}. */
export type TautlineProviderProps = ProviderWithClient | ProviderWithOptions

/**
 * Gives a client to the hooks below it, and keeps it connected while mounted.
 *
 * With `url` it makes the client itself, and downloads the core of `protocol` when it connects. It makes another one, and destroys the first,
 * when `url` (unless a function) or `protocol` change, or when a `token` is given where there was none. Another token of type string is told to
 * the server on the living connection; another `useDiscordClient` moves the client to the other server, with all that waits. Functions are always those of the last render. All other options are read once.
 *
 * Without a usable `url` the page goes on: the state is `failed`, with the error as its cause.
 *
 * @example
 * <TautlineProvider url="wss://example.com/ws" protocol="json"><App /></TautlineProvider>
 */
export function TautlineProvider({ children, connect = true, client: given, ...options }: TautlineProviderProps): ReactElement {
  // The first hook of all, which knows what is wrong where hooks do not work.
  useClient()
  const client = useOwn(given, options as ConnectionOptions)
  useConnected(client, connect)
  useEffect(announce, [])
  return createElement(TautlineContext.Provider, { value: client }, children)
}
