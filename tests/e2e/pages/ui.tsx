// A page of tautline/react with every component in it, one after the other.
import { type ReactElement, StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { type Client, createClient } from 'tautline'
import { TautlineProvider, useRealtimeChannel } from 'tautline/react'
import {
  ConnectionQuality,
  ConnectionStatus,
  PresenceAvatars,
  QueueIndicator,
  RealtimeIndicator,
  TautlineInspector,
  TypingIndicator,
} from 'tautline/react/ui'
import 'tautline/react/ui.css'
import './ui-page.css'

declare global {
  var ui: { client: Client; open(url: string, token?: string): void }
}

const PEOPLE = ['Ada Lovelace', 'Bo Ek', 'Çem Ünal', 'Dia', 'Eve Ray', 'Fay', 'Gus Orr', 'Hal Ito', 'Ida', 'Jo Mar'].map((name, index) => ({
  id: `user ${index}`,
  name,
  status: (['online', 'away', 'busy'] as const)[index % 3],
  self: index === 0,
}))

function Page(): ReactElement {
  useRealtimeChannel({ channel: 'room' })
  return (
    <main>
      <h1>Room</h1>
      <p><ConnectionStatus retry="Try now" /></p>
      <p><RealtimeIndicator channel="room" /></p>
      <p><ConnectionQuality /></p>
      <p><QueueIndicator /></p>
      <PresenceAvatars users={PEOPLE} max={8} />
      <p><TypingIndicator users={PEOPLE.slice(1, 3)} /></p>
      <TautlineInspector />
    </main>
  )
}

globalThis.ui = {
  client: undefined as unknown as Client,
  open(url, token) {
    // Three attempts, and then a wait that is long enough to be looked at.
    const quick = { backoff: { minMs: 20, maxMs: 200, fastAttempts: 3, slowMs: 60_000 }, heartbeat: { intervalMs: 1_000 } }
    this.client = createClient({ url, token, ...quick })
    createRoot(document.body).render(
      <StrictMode>
        <TautlineProvider client={this.client as never}>
          <Page />
        </TautlineProvider>
      </StrictMode>,
    )
  },
}
