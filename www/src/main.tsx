import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { TautlineProvider } from 'tautline/react'
import { client } from './client.ts'
import { App } from './components/App.tsx'
import { Rooms } from './components/Rooms.tsx'
import { keepIdentity } from './model/identity.ts'
import { startOffline } from './model/offline.ts'
import { startReporter } from './model/reporter.ts'
import { startSamples } from './model/samples.ts'
import { startTheme } from './model/theme.ts'
import { startTransition } from './model/transition.ts'
import './styles/tokens.css'
import './styles/base.css'
import './styles/layout.css'
import './styles/header.css'
import './styles/rail.css'
import './styles/chat.css'
import './styles/message.css'
import './styles/line.css'
import './styles/diagram.css'
import './styles/charts.css'
import './styles/faults.css'
import './styles/log.css'
import './styles/dialog.css'

startTheme()
startOffline()
keepIdentity()
startReporter()
startTransition()
startSamples()

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <TautlineProvider client={client}>
        <Rooms>
          <App />
        </Rooms>
      </TautlineProvider>
    </StrictMode>,
  )
}
