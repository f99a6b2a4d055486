/** Holds the provider. */
import type { ReactElement } from 'react'
import { TautlineProvider } from 'tautline/react'
import { Room } from './Room.tsx'
import { Shared } from './Shared.tsx'

const url = new URLSearchParams(location.search).get('url') ?? '/ws'

export function App(): ReactElement {
  if (location.hash === '#shared') return <Shared />
  return (
    <TautlineProvider url={url}>
      <h1>App one</h1>
      <Room />
    </TautlineProvider>
  )
}
