import { WebSocket } from 'ws'
import { createGateway } from '../../../../pkg-template/dist/discord.js'
import { INTENTS, TOKEN } from '../support.mjs'

export const title = 'tautline/discord'

/** Node 20 has none; the package takes what a browser has. */
globalThis.WebSocket = WebSocket

/** `options` go to `createGateway`; with `info` the gateway is asked where it is, and with `debug` all is shown that it tells. */
export async function open(gateway, { transport = 'json', shards = 1, info = false, debug = false, options = {} }, events, errors) {
  const client = createGateway({
    ...(info ? { info: async () => gateway.info } : { url: gateway.url }),
    token: TOKEN,
    intents: INTENTS,
    shards,
    ...(transport === 'json' ? {} : { compression: transport }),
    // What follows a protocol error and a rate limit is a long wait, which no test needs.
    backoff: { slowMs: 1000 },
    ...(debug && { debug: (event) => events.push({ debug: event }) }),
    ...options,
  })
  const problem = ({ code, message, details, cause }) => ({ code, message, details, reason: cause?.reason })
  client.on('*', (data, { event, sequence, shard }) => events.push({ t: event, d: data, s: sequence, shard }))
  client.onLifecycle('gap', (gap) => events.push({ gap: [gap.lastSequence, gap.nextSequence] }))
  client.onLifecycle('problem', ({ error }) => events.push({ problem: problem(error) }))
  client.onLifecycle('state', ({ status, cause }) => events.push({ status, ...(cause && { problem: problem(cause) }) }))
  client.connect()
  return ({ op, d }) => client.send(op, d).receipt.catch((error) => errors.push(error))
}
