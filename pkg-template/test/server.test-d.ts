import { publish } from '../src/server/index.ts'

interface Events {
  message: { text: string }
  ping: undefined
}

const relay = { url: 'https://relay.example', apiKey: 'key' }
void publish<Events>({ channel: 'a', event: 'message', payload: { text: '' } }, relay)
void publish<Events>({ channel: 'a', event: 'ping' }, relay)
// @ts-expect-error another payload
void publish<Events>({ channel: 'a', event: 'message', payload: { txt: '' } }, relay)
// @ts-expect-error the payload is missing
void publish<Events>({ channel: 'a', event: 'message' }, relay)
// @ts-expect-error no such event
void publish<Events>({ channel: 'a', event: 'massage', payload: { text: '' } }, relay)
// @ts-expect-error the key is missing
void publish({ channel: 'a', event: 'message' }, { url: 'https://relay.example' })
void publish({ channel: 'a', event: 'anything', payload: [1] }, relay)
