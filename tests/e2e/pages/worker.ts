// The same client in a dedicated worker, where there is no document.
import { createClient } from 'tautline'

addEventListener('message', (event: MessageEvent<{ url: string; channel: string }>) => {
  const { url, channel } = event.data
  const client = createClient<Record<string, unknown>>({ url })
  const room = client.channel(channel)
  room.onStatus((status) => postMessage({ channel: status }))
  room.on('*', (payload, message) => {
    postMessage({ payload, own: message.own })
    if (!message.own) room.send('echo', payload)
  })
  client.connect()
})
