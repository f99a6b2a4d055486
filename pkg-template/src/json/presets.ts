/** Servers as people write them: plain objects, to be spread and changed. */
import type { JsonProtocol } from './protocol.ts'

/** Ready-made descriptions; examples/servers of the repository has a server for each. */
export const presets: {
  readonly channels: PresetOf<JsonProtocol>
  readonly rooms: PresetOf<JsonProtocol>
  readonly chat: PresetOf<JsonProtocol>
} = {
  /**
   * Knows `subscribe {channel}`, `channel_message {channel, event, payload}` and `ping`, and answers
   * `{type: event, payload, timestamp}`.
   */
  channels: {
    fields: {},
    unaddressed: 'channel',
    send: {
      subscribe: { type: 'subscribe', channel: '$channel' },
      publish: { type: 'channel_message', channel: '$channel', event: '$event', payload: '$payload' },
      ping: { type: 'ping', timestamp: '$time' },
      pong: { type: 'pong', timestamp: '$timestamp' },
    },
    events: {},
    receive: { error: 'error', ping: 'ping', pong: 'pong' },
    codes: {},
  },
  /** Knows tokens, rooms, who is in them and who types there, and wallets. It pings. */
  rooms: {
    fields: { channel: 'payload.room', members: 'payload.users' },
    unaddressed: 'client',
    send: {
      auth: { type: 'auth', payload: { token: '$token' } },
      subscribe: { type: 'join_room', payload: { room: '$channel' } },
      unsubscribe: { type: 'leave_room', payload: { room: '$channel' } },
      typing: { type: 'typing', payload: { room: '$channel' } },
      stopTyping: { type: 'stop_typing', payload: { room: '$channel' } },
      pong: { type: 'pong', timestamp: '$timestamp' },
    },
    events: {
      message: { type: 'send_message', payload: { '...': '$payload', room: '$channel' } },
      wallet_event: { type: 'wallet_event', payload: '$payload' },
    },
    receive: {
      ready: 'connection_established',
      error: 'error',
      ping: 'ping',
      joined: 'room_join',
      left: 'room_leave',
      updated: 'presence_update',
      typing: 'user_typing',
      stopTyping: 'user_stop_typing',
    },
    codes: {
      unauthorized: 'refused/token-invalid',
      forbidden: 'refused/forbidden',
      rate_limited: 'refused/rate-limited',
    },
    silenceMs: 75_000,
  },
  /**
   * Says what happens the way Discord does (`MESSAGE_RECEIVED`, `STORAGE_UPDATED`), tells connection and shard in
   * `CONNECTION_ESTABLISHED`, and sends the `HEARTBEAT` itself.
   */
  chat: {
    fields: { channel: 'payload.channelId', member: 'payload.userId', heartbeat: 'payload.heartbeatInterval' },
    unaddressed: 'client',
    send: {
      auth: { type: 'AUTHENTICATE', payload: { token: '$token' } },
      subscribe: { type: 'CHANNEL_SUBSCRIBE', payload: { channelId: '$channel' } },
      unsubscribe: { type: 'CHANNEL_UNSUBSCRIBE', payload: { channelId: '$channel' } },
      publish: { type: '$event', payload: { '...': '$payload', channelId: '$channel' } },
      emit: { type: '$event', payload: '$payload' },
      typing: { type: 'TYPING_START', payload: { channelId: '$channel' } },
      stopTyping: { type: 'TYPING_STOP', payload: { channelId: '$channel' } },
      pong: { type: 'HEARTBEAT', payload: { ack: true }, timestamp: '$timestamp' },
    },
    events: {},
    receive: {
      ready: 'CONNECTION_ESTABLISHED',
      error: 'ERROR',
      ping: 'HEARTBEAT',
      typing: 'TYPING_STARTED',
      stopTyping: 'TYPING_STOPPED',
    },
    codes: {
      UNAUTHORIZED: 'refused/token-invalid',
      TOKEN_EXPIRED: 'refused/token-expired',
      FORBIDDEN: 'refused/forbidden',
      RATE_LIMITED: 'refused/rate-limited',
    },
    silenceMs: 75_000,
  },
}

/** Everything that may be spread is there. */
type PresetOf<Protocol extends JsonProtocol> = Protocol & {
  readonly [Key in 'fields' | 'send' | 'events' | 'receive' | 'codes']: NonNullable<Protocol[Key]>
}
