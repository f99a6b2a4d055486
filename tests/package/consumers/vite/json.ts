import { createClient } from 'tautline/json'

interface Events {
  greeting: { text: string }
}

const client = createClient<Events>({ url: new URLSearchParams(location.search).get('relay') ?? '/ws' })
const room = client.channel('consumers')
room.on('greeting', ({ text }) => {
  document.body.dataset['heard'] = text
})
client.connect()
room.send('greeting', { text: 'hello' })
