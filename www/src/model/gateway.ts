/** How the gateway speaks. It hands on what clients say as it is, so who says it stands in each message. */
import type { JsonProtocol } from 'tautline/json'
import { myId } from './identity.ts'

const where = { channelId: '$channel', userId: myId } as const

export const gatewayProtocol: JsonProtocol = {
  fields: { channel: 'payload.channelId', member: 'payload.userId', heartbeat: 'payload.heartbeatInterval' },
  send: {
    subscribe: { type: 'CHANNEL_SUBSCRIBE', payload: where },
    unsubscribe: { type: 'CHANNEL_UNSUBSCRIBE', payload: where },
    publish: { type: '$event', payload: { '...': '$payload', ...where } },
    typing: { type: 'TYPING_STARTED', payload: where },
    stopTyping: { type: 'TYPING_STOPPED', payload: where },
    pong: { type: 'HEARTBEAT', payload: { ack: true }, timestamp: '$timestamp' },
  },
  receive: {
    ready: 'CONNECTION_ESTABLISHED',
    error: 'ERROR',
    ping: 'HEARTBEAT',
    typing: 'TYPING_STARTED',
    stopTyping: 'TYPING_STOPPED',
  },
  silenceMs: 75_000,
}
