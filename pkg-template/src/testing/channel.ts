/** One channel of the fake server: its history, its subscribers, its presence. */
import type { FakeMessage, Said } from './options.ts'
import type { Frame } from './frames.ts'

/** Who hears a channel. */
export interface Hearer {
  readonly member: string
  send(frame: Frame): void
}

/** Who publishes or signals; nobody, where the test plays the application's server. */
export interface Sender {
  readonly member: string
  readonly user: string | undefined
  readonly sender: number
}

/** Somebody in presence. */
export interface Present {
  readonly id: string
  readonly user?: string
  readonly version: number
  readonly state: unknown
}

export class Channel {
  readonly name: string
  readonly epoch = 'epoch-1'
  offset = 0
  readonly members: Map<string, Present> = new Map()
  readonly said: Said[] = []
  #history: Frame[] = []
  readonly #hearers = new Map<Hearer, { presence: boolean }>()

  constructor(name: string) {
    this.name = name
  }

  get messages(): readonly FakeMessage<Record<string, unknown>>[] {
    return this.#history.map(({ channel, event, payload, offset, from, user, sender }) => ({
      channel: String(channel),
      event: String(event),
      payload,
      offset: Number(offset),
      from: sender === 0 ? undefined : String(from),
      user: user as string | undefined,
    }))
  }

  hears(hearer: Hearer): boolean {
    return this.#hearers.has(hearer)
  }

  subscribe(hearer: Hearer, frame: Frame): void {
    const presence = frame['presence'] === true
    this.#hearers.set(hearer, { presence })
    const floor = this.offset - this.#history.length
    const had = typeof frame['offset'] === 'number' ? frame['offset'] : this.offset
    const recovered = had >= floor && had <= this.offset && (frame['epoch'] ?? this.epoch) === this.epoch
    const offset = recovered ? had : floor
    const { name: channel, epoch, offset: latest } = this
    hearer.send({ type: 'subscribed', channel, epoch, offset, latest, recovered, ...(presence && { presence: [...this.members.values()] }) })
    for (const message of this.#history.slice(offset - floor)) hearer.send(message)
  }

  unsubscribe(hearer: Hearer): void {
    this.#hearers.delete(hearer)
  }

  /** Keeps a message and numbers it; `settled` comes before anybody hears it. */
  publish(from: Sender | undefined, frame: Frame, settled: (message: Frame) => void): void {
    const { event, payload = null, id = 0 } = frame
    this.offset += 1
    const { member = 'server', user, sender = 0 } = from ?? {}
    const message = { type: 'message', channel: this.name, event, offset: this.offset, from: member, sender, id, user, time: Date.now(), payload }
    this.#history.push(message)
    settled(message)
    for (const hearer of this.#hearers.keys()) hearer.send(message)
  }

  signal(from: Sender, frame: Frame): void {
    const { event, ttl, payload } = frame
    const { member, user } = from
    this.said.push({ channel: this.name, event: String(event), payload, ttl: ttl as number | undefined, from: member })
    for (const hearer of this.#hearers.keys()) {
      if (hearer.member !== member) hearer.send({ type: 'signal', channel: this.name, event, from: member, user, ttl, payload })
    }
  }

  track(from: Sender, state: unknown): void {
    const { member: id, user } = from
    const before = this.members.get(id)
    // As after a reconnect: no news.
    if (before && JSON.stringify(before.state) === JSON.stringify(state)) return
    const present: Present = { id, ...(user !== undefined && { user }), version: (before?.version ?? 0) + 1, state }
    this.members.set(id, present)
    this.#tellPresence(before ? { updated: [present] } : { joined: [present] })
  }

  untrack(member: string): void {
    if (this.members.delete(member)) this.#tellPresence({ left: [member] })
  }

  gap(missed: number): void {
    this.offset += missed
    this.#history = []
    const { name: channel, epoch, offset } = this
    for (const [hearer, { presence }] of this.#hearers) {
      hearer.send({ type: 'subscribed', channel, epoch, offset, latest: offset, recovered: false, ...(presence && { presence: [...this.members.values()] }) })
    }
  }

  /** The answer to a `history` request. */
  page(payload: unknown): unknown {
    const { limit = 100, before = this.offset + 1 } = (payload ?? {}) as { limit?: number; before?: number }
    const older = this.#history.filter(({ offset }) => Number(offset) < before)
    const messages = older.slice(-limit).map((message) => {
      const { payload } = message
      return payload instanceof Uint8Array ? { ...message, payload: { $binary: btoa(String.fromCharCode(...payload)) } } : message
    })
    return { epoch: this.epoch, messages, more: messages.length < older.length }
  }

  #tellPresence(change: Frame): void {
    for (const [hearer, { presence }] of this.#hearers) {
      if (presence) hearer.send({ type: 'presence', channel: this.name, ...change })
    }
  }
}
