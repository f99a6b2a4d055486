import { DiscordenoShard, TransportCompression } from '@discordeno/gateway'
import { INTENTS, TOKEN } from '../support.mjs'

export const title = '@discordeno/gateway'
export const transports = ['json', 'payload', 'zlib-stream', 'zstd-stream']
/** Hands a compressed payload over later than a plain one that came after it. */
export const unordered = 'payload'
export const afterCode = { 4000: 'resume', 4003: 'identify', 4007: 'identify', 4009: 'identify' }
export const afterInvalid = { true: 'resume', false: 'identify' }

const quiet = { debug() {}, info() {}, warn() {}, error() {}, fatal() {}, log() {} }
const COMPRESSION = { 'zlib-stream': TransportCompression.zlib, 'zstd-stream': TransportCompression.zstd }

export async function open(gateway, { transport = 'json', shards = 1 }, events) {
  // What its manager would do: one after another, with its spacing.
  let last = 0
  const identify = async (id) => {
    const waitMs = shards === 1 ? 0 : Math.max(0, last + 5300 - Date.now())
    last = Date.now() + waitMs
    await new Promise((resolve) => setTimeout(resolve, waitMs))
    await made[id].identify()
  }
  const made = Array.from({ length: shards }, (_, id) => {
    return new DiscordenoShard({
      id,
      logger: quiet,
      connection: { url: gateway.url, version: 10, token: TOKEN, intents: INTENTS, totalShards: shards, compress: transport === 'payload', transportCompression: COMPRESSION[transport] ?? null, properties: { os: 'linux', browser: 'Discordeno', device: 'Discordeno' } },
      events: {
        message: (_shard, payload) => {
          if (payload.op === 0 || payload.t) events.push({ t: payload.t, d: payload.d, s: payload.s, shard: id })
        },
      },
      requestIdentify: () => identify(id),
    })
  })
  for (const { id } of made) void identify(id)
  return (payload) => made[0].send(payload)
}
