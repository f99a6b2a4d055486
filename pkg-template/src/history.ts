/** Pages of a channel's past. */
import { BINARY } from './core.ts'
import { TautlineError } from './error.ts'
import type { Message } from './events.ts'
import type { Hub } from './hub.ts'
import { toMessage } from './message.ts'
import type { RequestOptions } from './requests.ts'

/** Options of {@link Channel.history}. */
export interface HistoryOptions extends RequestOptions {
  /** Most messages, 1 to 1,000. Default: what the server says. */
  readonly limit?: number | undefined
  /** Only messages before this offset: the first one's of the page before. Default: from the newest on. */
  readonly before?: number | undefined
}

/** One page. */
export interface HistoryPage<Item = Message> {
  /** Which history this is, see {@link Position}. */
  readonly epoch: string
  /** The messages, oldest first. */
  readonly messages: readonly Item[]
  /** Whether there are older ones. */
  readonly more: boolean
}

/** Reads a reply: bytes, which JSON has to carry as base64, become bytes again. What is refused as a message would be is left out. */
export function toPage(reply: unknown, channel: string, hub: Hub): HistoryPage {
  const { epoch, messages, more } = (reply ?? {}) as { epoch?: unknown; messages?: unknown; more?: unknown }
  if (!Array.isArray(messages)) throw new TautlineError('peer/bad-frame', { message: 'A page of history has no messages.' })
  return {
    epoch: String(epoch ?? ''),
    messages: messages.flatMap((frame) => {
      const base64: unknown = frame.payload?.$binary
      const binary = typeof base64 === 'string'
      const payload = binary ? Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)) : frame.payload
      const message = toMessage(channel, String(frame.event), payload, Number(frame.offset), binary ? BINARY : 0, frame, hub.identity.member)
      return hub.check(message) ?? []
    }),
    more: more === true,
  }
}
