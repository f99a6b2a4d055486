/** What a hand-written server cannot be told is said at the call, and not lost on the way. */
import type { Encoded } from '../core.ts'
import type { Dialect, Verb } from '../dialect.ts'
import { TautlineError } from '../error.ts'
import { type Compiled, placeholders, spreads } from './compile.ts'

interface Carrier {
  readonly option: string
  readonly slots: readonly string[]
  readonly spread: boolean
}

/** The server of this description. */
export class JsonDialect implements Dialect {
  readonly core: { readonly protocol: Compiled; readonly maxAttempts: number }
  readonly #events: ReadonlyMap<string, Carrier>
  readonly #publish: Carrier | undefined
  readonly #emit: Carrier | undefined
  readonly #signal: Carrier | undefined

  constructor(protocol: Compiled, maxAttempts: number = Infinity) {
    const { send, events } = protocol
    this.core = { protocol, maxAttempts }
    this.#events = new Map(events.map(([name, text]) => [name, carrier(`protocol.events.${name}`, text)]))
    this.#publish = carrier('protocol.send.publish', send['publish'])
    this.#emit = carrier('protocol.send.emit', send['emit'])
    this.#signal = carrier('protocol.send.signal', send['signal'])
  }

  check(verb: Verb, channel = '', event = '', content?: Encoded | Blob): void {
    const { send } = this.core.protocol
    switch (verb) {
      case 'channel':
        return needs(send['subscribe'], 'channels', 'protocol.send.subscribe')
      case 'presence':
        return needs(this.#hears(['joined', 'updated']), 'presence', 'protocol.receive.joined')
      case 'track':
        return needs(send['track'], 'presence.track', 'protocol.send.track')
      case 'typing':
        return needs(send['typing'], 'typing', 'protocol.send.typing')
      case 'onTyping':
        return needs(this.#hears(['typing']), 'onTyping', 'protocol.receive.typing')
      case 'refresh':
        return needs(send['refresh'], 'refreshToken', 'protocol.send.refresh')
      case 'request':
        return unsupported('requests: such a server has no answers. Use fetch.')
      case 'signal':
      case 'send':
        return this.#checkMessage(verb, channel, event, content)
    }
  }

  /** Whether the server says that it has a message. */
  get acknowledges(): boolean {
    return this.#hears(['ack'])
  }

  #hears(meanings: readonly string[]): boolean {
    return this.core.protocol.receive.some(([, meaning]) => meanings.includes(meaning))
  }

  #checkMessage(verb: 'signal' | 'send', channel: string, event: string, content: Encoded | Blob): void {
    const any = channel ? this.#publish : this.#emit
    const found = (verb === 'signal' ? this.#signal : undefined) ?? this.#events.get(event) ?? any
    if (!found) {
      const emits = channel ? 'protocol.send.publish' : 'protocol.send.emit'
      if (!channel && this.#publish) throw new TautlineError('misuse/channel-required')
      return unsupported(`the event "${event}": give protocol.events["${event}"] or ${emits}.`)
    }
    const { option, slots, spread } = found
    const has = (slot: string): boolean => slots.includes(slot)
    if (has('channel') && !channel) throw new TautlineError('misuse/channel-required')
    if (channel && !has('channel')) return unsupported(`the event "${event}" in a channel: ${option} has no $channel. Use client.send.`)
    if (verb === 'signal' && has('id')) return unsupported('signals and volatile messages: give protocol.send.signal.')
    if (typeof content === 'object') return unsupported('bytes: the frames are JSON.')
    if (content !== undefined && !has('payload') && !spread) return unsupported(`a payload with "${event}": ${option} has no $payload.`)
    if (spread && !content?.startsWith('{')) {
      throw new TautlineError('misuse/invalid-argument', { message: `The payload of "${event}" must be an object: ${option} takes its members.` })
    }
  }
}

function carrier(option: string, text: string): Carrier
function carrier(option: string, text: string | undefined): Carrier | undefined
function carrier(option: string, text: string | undefined): Carrier | undefined {
  return text === undefined ? undefined : { option, slots: placeholders(text), spread: spreads(text) }
}

function needs(given: unknown, what: string, option: string): void {
  if (!given) unsupported(`${what}: give ${option}.`)
}

function unsupported(what: string): never {
  throw new TautlineError('misuse/unsupported', { message: `This server has no word for ${what}` })
}
