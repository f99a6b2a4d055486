import { createClient } from 'tautline'
import { resolveEnv } from 'tautline/env'
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

function greet(): void {
  const client = createClient<Events>({ url })
  const room = client.channel(`consumers:${Math.random()}`)
  room.on('greeting', ({ text }) => {
    document.body.dataset['heard'] = text
  })
  client.connect()
  room.send('greeting', { text: 'hello' })
}
