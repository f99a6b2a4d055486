import cloudstorm from 'cloudstorm'
import { SnowTransfer } from 'snowtransfer'
import { INTENTS, TOKEN } from '../support.mjs'

export const title = 'cloudstorm'
export const transports = ['json', 'zlib-stream', 'etf', 'etf zlib-stream']
export const afterCode = { 4000: 'resume', 4003: 'resume', 4007: 'resume', 4009: 'resume', 4004: 'stop', 4014: 'stop' }
export const afterInvalid = { true: 'resume', false: 'identify' }
/** It loses what comes in one packet with the upgrade: HELLO has to wait. */
export const helloMs = 300
/** It misreads integers of five to seven bytes. */
export const bigs = false
/** Its own WebSocket takes one frame for one message. */
export const splits = false

export async function open(gateway, { transport = 'json', shards = 1 }, events, errors) {
  const rest = new SnowTransfer(TOKEN, { baseHost: gateway.api.replace(/\/api$/, '') })
  const client = new cloudstorm.Client(TOKEN, { intents: INTENTS, totalShards: shards, shards: Array.from({ length: shards }, (_, id) => id), snowtransferInstance: rest, ws: { compress: transport.includes('zlib'), encoding: transport.includes('etf') ? 'etf' : 'json' } })
  client.on('event', (payload) => events.push({ t: payload.t, d: payload.d, s: payload.s, shard: payload.shard_id }))
  client.on('error', (error) => errors.push(error))
  client.connect().catch((error) => errors.push(error))
  return (payload) => client.requestGuildMembers(0, payload.d)
}
