import type { ReactElement, ReactNode } from 'react'
import { TautlineProvider } from 'tautline/react'
import { client } from '../client.ts'
import { useStore } from '../hooks/useStore.ts'
import { gatewayProtocol } from '../model/gateway.ts'
import { gatewayUrl, transport } from '../model/transport.ts'

/** Often, because the page draws what it waits for. */
const BACKOFF = { minMs: 1_500, maxMs: 8_000 }

/** Gives the hooks below the client of the chosen transport. All that is below goes on. */
export function Transport({ children }: { readonly children: ReactNode }): ReactElement {
  const chosen = useStore(transport)
  const url = useStore(gatewayUrl)
  if (chosen === 'relay' || !url) return <TautlineProvider client={client}>{children}</TautlineProvider>
  return (
    <TautlineProvider url={url} protocol={gatewayProtocol} backoff={BACKOFF}>
      {children}
    </TautlineProvider>
  )
}
