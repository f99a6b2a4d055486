import { REST } from '@discordjs/rest'
import { CompressionMethod, SimpleIdentifyThrottler, WebSocketManager, WebSocketShardEvents } from '@discordjs/ws'
import { INTENTS, TOKEN } from '../support.mjs'

export const title = '@discordjs/ws'
export const transports = ['json', 'payload', 'zlib-stream']
/** Beats for ever without resuming when RECONNECT came instead of HELLO. */
export const stuckWithoutHello = true
/** Inflates every payload on a thread of its own: a later one can be first. */
export const unordered = 'payload'
/** What it does after a code, as its own table has it. */
export const afterCode = { 4000: 'resume', 4003: 'identify', 4007: 'identify', 4009: 'resume', 4004: 'stop', 4014: 'stop' }
export const afterInvalid = { true: 'resume', false: 'identify' }

export async function open(gateway, { transport = 'json', shards = 1 }, events, errors) {
  const manager = new WebSocketManager({
    token: TOKEN,
    intents: INTENTS,
    // The real one, against the gateway's own /gateway/bot.
    rest: new REST({ api: gateway.api }).setToken(TOKEN),
    shardCount: shards,
    compression: transport === 'zlib-stream' ? CompressionMethod.ZlibNative : null,
    useIdentifyCompression: transport === 'payload',
    buildIdentifyThrottler: async (made) => new SimpleIdentifyThrottler((await made.fetchGatewayInformation()).session_start_limit.max_concurrency),
  })
  manager.on(WebSocketShardEvents.Dispatch, (payload, shard) => events.push({ t: payload.t, d: payload.d, s: payload.s, shard }))
  manager.on(WebSocketShardEvents.Resumed, () => events.push({ t: 'RESUMED' }))
  manager.on(WebSocketShardEvents.Error, (error) => errors.push(error))
  manager.connect().catch((error) => errors.push(error))
  return (payload) => manager.send(0, payload)
}
