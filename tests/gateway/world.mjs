// The small world behind the gateway: one bot, its guilds, and what can be asked about them.
/** @typedef {import('./options.mjs').Settled} Settled */

export const BOT = { id: '80351110224678912', username: 'tautline', discriminator: '0000', bot: true, avatar: null }

/**
 * In 64 bits: the shift is lost on a double.
 * @param {string | null} guildId
 * @param {number} shards
 */
export function shardOf(guildId, shards) {
  return guildId === null ? 0 : Number((BigInt(guildId) >> 22n) % BigInt(shards))
}

export class World {
  #guilds
  #members
  #askedAt = new Map()
  #perMs

  /** @param {Settled} options */
  constructor({ guilds, members, allMembersPerMs }) {
    this.#guilds = guilds
    this.#members = members
    this.#perMs = allMembersPerMs
  }

  /** @param {[number, number]} shard */
  guildsOf([id, shards]) {
    return this.#guilds.filter((guild) => shardOf(guild, shards) === id)
  }

  /** @param {string} id */
  guild(id) {
    return { id, name: `guild ${id}`, owner_id: BOT.id, unavailable: false, large: false, member_count: this.#members, joined_at: '2026-01-01T00:00:00.000Z', region: 'local', features: [], emojis: [], stickers: [], roles: [], members: [], channels: [], threads: [], presences: [], voice_states: [], stage_instances: [], guild_scheduled_events: [], soundboard_sounds: [] }
  }

  /** @param {number} index */
  #member(index) {
    const id = String(BigInt('175928847299117063') + BigInt(index) * 4194304n)
    return { user: { id, username: `member-${index}`, discriminator: '0000', avatar: null }, roles: [], joined_at: '2026-01-02T00:00:00.000Z', deaf: false, mute: false, flags: 0 }
  }

  /**
   * What REQUEST_GUILD_MEMBERS is answered with, or nothing when it cannot be answered.
   * @param {Record<string, any>} ask
   * @param {number} now
   * @returns {{ t: string, d: Record<string, unknown> }[] | undefined}
   */
  members(ask, now) {
    const { guild_id, query, limit = 0, user_ids, presences, nonce } = ask
    if (typeof guild_id !== 'string' || (query === undefined) === (user_ids === undefined)) return undefined
    const meta = typeof nonce === 'string' && Buffer.byteLength(nonce) <= 32 ? { nonce } : {}
    const wanted = user_ids === undefined ? undefined : [user_ids].flat().map(String)
    if (wanted && wanted.length > 100) return undefined
    if (wanted === undefined && query === '' && limit === 0) {
      const last = this.#askedAt.get(guild_id)
      if (last !== undefined && now - last < this.#perMs) {
        return [{ t: 'RATE_LIMITED', d: { opcode: 8, retry_after: (this.#perMs - (now - last)) / 1000, meta: { guild_id, ...meta } } }]
      }
      this.#askedAt.set(guild_id, now)
    } else if (wanted === undefined && (!Number.isInteger(limit) || limit < 1 || limit > 100)) return undefined
    const everyone = Array.from({ length: this.#members }, (_, index) => this.#member(index))
    const found = wanted ? everyone.filter(({ user }) => wanted.includes(user.id)) : everyone.filter(({ user }) => user.username.startsWith(query)).slice(0, limit || undefined)
    const missing = wanted?.filter((id) => !found.some(({ user }) => user.id === id)) ?? []
    const chunks = Math.max(1, Math.ceil(found.length / 1000))
    return Array.from({ length: chunks }, (_, index) => {
      const members = found.slice(index * 1000, (index + 1) * 1000)
      const seen = presences ? { presences: members.map(({ user }) => ({ user: { id: user.id }, guild_id, status: 'online', activities: [], client_status: {} })) } : {}
      return { t: 'GUILD_MEMBERS_CHUNK', d: { guild_id, members, chunk_index: index, chunk_count: chunks, ...(wanted && index === chunks - 1 ? { not_found: missing } : {}), ...seen, ...meta } }
    })
  }

  /**
   * @param {Record<string, any>} ask
   * @param {string} session
   */
  voice({ guild_id, channel_id, self_mute, self_deaf }, session) {
    const state = { guild_id, channel_id, user_id: BOT.id, session_id: session, deaf: false, mute: false, self_mute, self_deaf, self_video: false, suppress: false, request_to_speak_timestamp: null }
    const server = { token: 'voice-token', guild_id, endpoint: 'voice.invalid:443' }
    return [{ t: 'VOICE_STATE_UPDATE', d: state }, ...(channel_id === null ? [] : [{ t: 'VOICE_SERVER_UPDATE', d: server }])]
  }

  /** @param {Record<string, any>} ask */
  sounds({ guild_ids }) {
    if (!Array.isArray(guild_ids)) return undefined
    return guild_ids.map((guild_id) => ({ t: 'SOUNDBOARD_SOUNDS', d: { guild_id, soundboard_sounds: [{ sound_id: '1106714396018884649', name: 'horn', volume: 1, emoji_id: null, emoji_name: null, guild_id, available: true }] } }))
  }

  /** @param {Record<string, any>} ask */
  channels({ guild_id, fields }) {
    if (typeof guild_id !== 'string' || !Array.isArray(fields)) return undefined
    const all = { status: 'in a call', voice_start_time: 1_700_000_000 }
    const asked = Object.fromEntries(Object.entries(all).filter(([field]) => fields.includes(field)))
    return [{ t: 'CHANNEL_INFO', d: { guild_id, channels: [{ id: '41771983423143937', ...asked }] } }]
  }
}
