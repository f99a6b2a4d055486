// The page of the tests of `tautline/react/websocket`: two components that share a socket, in StrictMode.
import { StrictMode, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import useWebSocket, { ReadyState } from 'tautline/react/websocket'

const url = new URLSearchParams(location.search).get('url')
const OPTIONS = { share: true, shouldReconnect: () => true, retryOnError: true, reconnectAttempts: Infinity, reconnectInterval: 50 }

function History() {
  const { lastMessage, readyState } = useWebSocket(url, OPTIONS)
  const [seen, setSeen] = useState<readonly string[]>([])
  useEffect(() => {
    if (lastMessage) setSeen((before) => [...before, String(lastMessage.data)])
  }, [lastMessage])
  return <output data-state={readyState}>{seen.join(' ')}</output>
}

function Writer() {
  const { sendMessage, readyState } = useWebSocket(url, OPTIONS)
  return (
    <button data-open={readyState === ReadyState.OPEN} onClick={() => sendMessage('clicked')}>
      Send
    </button>
  )
}

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <History />
    <Writer />
  </StrictMode>,
)
