/** Holds the provider, and the client at the top of its module. */
import type { ReactElement } from 'react'
import { createClient } from 'tautline'
import { TautlineProvider } from 'tautline/react'
import { Room } from './Room.tsx'

const client = createClient({ url: new URLSearchParams(location.search).get('url') ?? '/ws' })

export function Shared(): ReactElement {
  return (
    <TautlineProvider client={client}>
      <h1>App one</h1>
      <Room />
    </TautlineProvider>
  )
}
