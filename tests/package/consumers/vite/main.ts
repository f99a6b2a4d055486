import { createClient } from 'tautline'

interface Events {
  greeting: { text: string }
}

const url = new URLSearchParams(location.search).get('relay') ?? '/ws'
const client = createClient<Events>({ url })
const room = client.channel(`consumers:${Math.random()}`)
room.on('greeting', ({ text }) => {
  document.body.dataset['heard'] = text
})
client.connect()
room.send('greeting', { text: 'hello' })
