// What a gateway can be told when it starts. Times are Discord's own unless `scale` shortens them all.

/**
 * @typedef {object} Options
 * @property {'discord' | 'chat'} [dialect] `chat` speaks plain `{type, payload}` events
 * @property {string} [token] what IDENTIFY and RESUME must bring
 * @property {number} [scale] multiplies every time below: 0.01 makes five seconds fifty milliseconds
 * @property {number} [heartbeatIntervalMs] what HELLO announces, after scaling
 * @property {number} [heartbeatTimeout] intervals without a heartbeat until 4009; 0 never
 * @property {boolean} [serverHeartbeats] asks for a heartbeat when none came for nine tenths of an interval
 * @property {number} [identifySpacingMs] between two identifies of one bucket
 * @property {number} [maxConcurrency]
 * @property {number} [identifyTotal] the budget of a day
 * @property {number} [identifyRemaining]
 * @property {number} [shards] what `/gateway/bot` recommends
 * @property {number} [requiredShards] with fewer, 4011
 * @property {number} [sendLimit] payloads of a client in one window
 * @property {number} [sendWindowMs]
 * @property {number} [sessionLifetimeMs] how long a lost session can be resumed
 * @property {number} [firstSeq] what READY is numbered with
 * @property {number} [allowedIntents] privileged ones beyond these bits: 4014
 * @property {string[]} [guilds] ids of the guilds of the bot
 * @property {number} [members] of each guild
 * @property {number} [allMembersPerMs] between two requests for all members of a guild
 * @property {number} [payloadThreshold] bytes from which on `compress: true` compresses
 * @property {number} [windowLog] what a zstd stream claims as its window
 */

/** @typedef {Required<Omit<Options, 'windowLog'>> & { windowLog: number | undefined }} Settled */

/**
 * @param {Options} options
 * @returns {Settled}
 */
export function settle(options) {
  const scale = options.scale ?? 1
  const whole = {
    dialect: /** @type {const} */ ('discord'),
    token: 'a-token-of-tests',
    heartbeatIntervalMs: 41_250,
    heartbeatTimeout: 2,
    serverHeartbeats: false,
    identifySpacingMs: 5_000,
    maxConcurrency: 1,
    identifyTotal: 1_000,
    identifyRemaining: options.identifyTotal ?? 1_000,
    shards: 1,
    requiredShards: 1,
    sendLimit: 120,
    sendWindowMs: 60_000,
    sessionLifetimeMs: 180_000,
    firstSeq: 1,
    allowedIntents: 0xffff_ffff,
    guilds: ['197038439483310086', '41771983423143937'],
    members: 3,
    allMembersPerMs: 30_000,
    payloadThreshold: 256,
    windowLog: undefined,
    ...options,
    scale,
  }
  const { heartbeatIntervalMs, identifySpacingMs, sendWindowMs, sessionLifetimeMs, allMembersPerMs } = whole
  return {
    ...whole,
    heartbeatIntervalMs: Math.round(heartbeatIntervalMs * scale),
    identifySpacingMs: identifySpacingMs * scale,
    sendWindowMs: sendWindowMs * scale,
    sessionLifetimeMs: sessionLifetimeMs * scale,
    allMembersPerMs: allMembersPerMs * scale,
  }
}
