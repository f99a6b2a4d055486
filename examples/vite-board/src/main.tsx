import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { TautlineProvider } from 'tautline/react'
import 'tautline/react/ui.css'
import { Board } from './Board.tsx'
import './board.css'

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      {/* Changes that are made without a connection wait on disk. */}
      <TautlineProvider url="/ws" queue={{ persist: 'board' }}>
        <Board />
      </TautlineProvider>
    </StrictMode>,
  )
}
