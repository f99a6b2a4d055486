import { useState } from 'react'
import { useConnectionState, useRealtimeChannel } from 'tautline/react'

type Events = { message: { text: string } }

export function Chat({ room }: { readonly room: string }) {
  const [texts, setTexts] = useState<readonly string[]>([])
  const { status } = useConnectionState()
  const { send } = useRealtimeChannel<Events>({
    channel: room,
    events: { message: ({ text }) => setTexts((before) => [...before, text]) },
  })
  return (
    <section>
      <output>{status}</output>
      <ul>{texts.map((text, index) => <li key={index}>{text}</li>)}</ul>
      <button onClick={() => send('message', { text: 'hello' })}>Send</button>
    </section>
  )
}
