// The numbers of the protocol: opcodes, close codes and intents.

/** @enum {number} */
export const Op = /** @type {const} */ ({
  dispatch: 0,
  heartbeat: 1,
  identify: 2,
  presence: 3,
  voiceState: 4,
  resume: 6,
  reconnect: 7,
  requestMembers: 8,
  invalidSession: 9,
  hello: 10,
  heartbeatAck: 11,
  requestSoundboard: 31,
  requestChannelInfo: 43,
})

/** What a client may send, by the names that rules use. */
export const SENDS = /** @type {const} */ ([
  'heartbeat',
  'identify',
  'presence',
  'voiceState',
  'resume',
  'requestMembers',
  'requestSoundboard',
  'requestChannelInfo',
])

/** @type {Readonly<Record<number, string>>} */
export const CLOSE_REASONS = {
  4000: 'Unknown error.',
  4001: 'Unknown opcode.',
  4002: 'Error while decoding payload.',
  4003: 'Not authenticated.',
  4004: 'Authentication failed.',
  4005: 'Already authenticated.',
  4006: 'Session is no longer valid.',
  4007: 'Invalid seq.',
  4008: 'Rate limited.',
  4009: 'Session timed out.',
  4010: 'Invalid shard.',
  4011: 'Sharding required.',
  4012: 'Invalid API version.',
  4013: 'Invalid intents.',
  4014: 'Disallowed intents.',
}

/** Codes after which the session is gone on the server's side too. */
export const ENDS_SESSION = new Set([4003, 4004, 4006, 4007, 4009, 4010, 4011, 4012, 4013, 4014])

const INTENT_BITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 20, 21, 24, 25]
export const KNOWN_INTENTS = INTENT_BITS.reduce((all, bit) => all | (1 << bit), 0)
/** Members, presences, message content. */
export const PRIVILEGED_INTENTS = (1 << 1) | (1 << 8) | (1 << 15)
