import { Client } from 'oceanic.js'
import { INTENTS, TOKEN } from '../support.mjs'

export const title = 'oceanic.js'
export const transports = ['json', 'zlib-stream']
export const afterCode = { 4000: 'resume', 4003: 'identify', 4009: 'resume', 4004: 'stop', 4014: 'stop' }
export const afterInvalid = { true: 'resume', false: 'identify' }

export async function open(gateway, { transport = 'json', shards = 1 }, events, errors) {
  const client = new Client({
    auth: `Bot ${TOKEN}`,
    gateway: {
      intents: INTENTS,
      maxShards: shards,
      autoReconnect: true,
      compress: transport === 'zlib-stream' ? 'zlib-stream' : false,
      ...(transport === 'zlib-stream' ? { compressLibrary: 'native' } : {}),
      override: { getBot: async () => ({ ...gateway.info, sessionStartLimit: { maxConcurrency: 1, remaining: 1000, resetAfter: 0, total: 1000 } }), appendQuery: true, gatewayURLIsResumeURL: false },
    },
  })
  client.on('packet', (payload, shard) => {
    if (payload.op === 0) events.push({ t: payload.t, d: payload.d, s: payload.s, shard })
  })
  client.on('error', (error) => errors.push(error))
  client.on('warn', () => {})
  client.connect().catch((error) => errors.push(error))
  return (payload) => client.shards.get(0).send(payload.op, payload.d)
}
