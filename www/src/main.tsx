import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './components/App.tsx'
import { Rooms } from './components/Rooms.tsx'
import { Transport } from './components/Transport.tsx'
import { keepIdentity } from './model/identity.ts'
import { startOffline } from './model/offline.ts'
import { startTheme } from './model/theme.ts'
import { findGateway } from './model/transport.ts'
import './styles/tokens.css'
import './styles/base.css'
import './styles/layout.css'
import './styles/header.css'
import './styles/rail.css'
import './styles/chat.css'
import './styles/message.css'
import './styles/line.css'
import './styles/tools.css'
import './styles/diagram.css'
import './styles/charts.css'
import './styles/faults.css'
import './styles/log.css'
import './styles/dialog.css'

startTheme()
startOffline()
keepIdentity()
void findGateway()

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Transport>
        <Rooms>
          <App />
        </Rooms>
      </Transport>
    </StrictMode>,
  )
}
