import { type ReactElement, useState } from 'react'
import { useLine } from '../hooks/useLine.ts'
import { useMediaQuery } from '../hooks/useMediaQuery.ts'
import { useTitle } from '../hooks/useTitle.ts'
import { Chat } from './Chat.tsx'
import { Header } from './Header.tsx'
import { LinePanel } from './LinePanel.tsx'
import { Rail } from './Rail.tsx'
import { useCurrentRoom, useRooms } from './Rooms.tsx'
import { type View, ViewTabs } from './ViewTabs.tsx'

export function App(): ReactElement {
  const [view, setView] = useState<View>('chat')
  const narrow = useMediaQuery('(max-width: 999px)')
  const room = useCurrentRoom()
  useLine()
  useTitle(useRooms().reduce((sum, { chat }) => sum + chat.unreadCount, 0))
  const panel = (name: View) => (narrow ? ({ role: 'tabpanel', 'aria-labelledby': `tab-${name}`, hidden: view !== name } as const) : {})

  return (
    <div className="app">
      <a className="skip" href="#message-input" onClick={() => setView('chat')}>
        Skip to the message field
      </a>
      <Header />
      {narrow && <ViewTabs view={view} onView={setView} />}
      <main className="columns">
        <div className="column-chat" id="panel-chat" {...panel('chat')}>
          <Rail />
          <Chat key={room.name} room={room} />
        </div>
        <div className="column-line" id="panel-line" {...panel('line')}>
          <LinePanel />
        </div>
      </main>
    </div>
  )
}
