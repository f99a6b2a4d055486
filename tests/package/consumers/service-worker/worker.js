import { createClient } from 'tautline'

// A worker keeps running for as long as an event that it waits for.
self.addEventListener('message', (event) => event.waitUntil(greet(event.data, event.source)))

async function greet(url, page) {
  const client = createClient({ url })
  const room = client.channel('consumers:service-worker')
  const heard = room.waitFor('greeting')
  client.connect()
  room.send('greeting', { text: 'hello' })
  page.postMessage((await heard).payload.text)
  client.destroy()
}
