import { WebSocket } from 'ws'
import { createGateway } from '../../../../pkg-template/dist/discord.js'
import { INTENTS, TOKEN } from '../support.mjs'

export const title = 'tautline/discord'

/** Node 20 has none; the package takes what a browser has. */
globalThis.WebSocket = WebSocket

export async function open(gateway, { transport = 'json', shards = 1 }, events, errors) {
  const client = createGateway({
    url: gateway.url,
    token: TOKEN,
    intents: INTENTS,
    shards,
    ...(transport === 'json' ? {} : { compression: transport }),
    // What follows a protocol error and a rate limit is a long wait, which no test needs.
    backoff: { slowMs: 1000 },
  })
  client.on('*', (data, { event, sequence, shard }) => events.push({ t: event, d: data, s: sequence, shard }))
  client.onLifecycle('gap', (gap) => events.push({ gap: [gap.lastSequence, gap.nextSequence] }))
  client.onLifecycle('problem', ({ error }) => errors.push(error))
  client.onLifecycle('state', ({ status, cause }) => status === 'failed' && errors.push(cause))
  client.connect()
  return ({ op, d }) => client.send(op, d).receipt.catch((error) => errors.push(error))
}
