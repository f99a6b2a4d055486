/** Uses the hooks. */
import { type ReactElement, useState } from 'react'
import { useConnectionState, useRealtimeChannel, useRealtimeChat } from 'tautline/react'

interface Events {
  message: { text: string }
}

export function Room(): ReactElement {
  const [count, setCount] = useState(0)
  const [heard, setHeard] = useState<readonly string[]>([])
  const { status } = useConnectionState()
  const { isSubscribed } = useRealtimeChannel<Events>({
    channel: 'room',
    events: { message: ({ text }) => setHeard((before) => [...before, text]) },
  })
  const { messages, sendMessage } = useRealtimeChat('chat', { id: 'ann' })
  return (
    <main>
      <h2>Room one</h2>
      <p data-testid="status">{isSubscribed ? status : 'outside'}</p>
      <button type="button" onClick={() => setCount((n) => n + 1)}>{count} times</button>
      <button type="button" onClick={() => sendMessage('mine')}>say</button>
      <ul data-testid="heard">{heard.map((text, index) => <li key={index}>{text}</li>)}</ul>
      <ul data-testid="chat">{messages.map(({ key, text, status: far }) => <li key={key}>{text} {far}</li>)}</ul>
    </main>
  )
}
