import { createElement, type ReactElement, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { resolveEnv } from 'tautline/env'
import { TautlineProvider, useRealtimeChannel } from 'tautline/react'
import { TautlineSocket } from 'tautline/websocket'

interface Events {
  greeting: { text: string }
}

// Nobody inlines these variables here, and a browser has no `process`.
document.body.dataset['settings'] = JSON.stringify(resolveEnv())
const url = new URLSearchParams(location.search).get('relay') ?? '/ws'

// A bare socket first, which introduces itself in the relay's own words.
const socket = new TautlineSocket(url, 'tautline.v1')
socket.send(JSON.stringify({ type: 'hello', session: 'a-bare-socket-0123456789' }))
socket.addEventListener(
  'message',
  ({ data }) => {
    socket.close()
    if (JSON.parse(data).type === 'welcome') greet()
  },
  { once: true },
)

// Then hooks below a provider, written without JSX: no plugin, no configuration.
const channel = `consumers:${Math.random()}`

function Greeting(): ReactElement {
  const [heard, setHeard] = useState('')
  const { isSubscribed, send } = useRealtimeChannel<Events>({ channel, events: { greeting: ({ text }) => setHeard(text) } })
  useEffect(() => {
    if (isSubscribed) send('greeting', { text: 'hello' })
  }, [isSubscribed, send])
  return createElement('p', { 'data-heard': heard }, heard)
}

function greet(): void {
  const page = createElement(TautlineProvider, { url }, createElement(Greeting))
  createRoot(document.body.appendChild(document.createElement('main'))).render(page)
}
