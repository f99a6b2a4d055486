/** One room: its channel, what was said in it, who is in it and how far everybody has read. */
import { type Channel, isTautlineError, type Member, type SendHandle } from 'tautline'
import { type ChatMessage, client, type Events } from '../client.ts'
import { identity } from './identity.ts'
import { note } from './journal.ts'
import { type Attendance, readAttendance } from './person.ts'
import { pulse } from './pulses.ts'
import { Store } from './store.ts'
import { type MessageEntry, Timeline } from './timeline.ts'
import { wordsOf } from './words.ts'

/** How long marks and looks are gathered before the others are told. */
const ANNOUNCE_MS = 150
const HISTORY = 60
/** The most people a room remembers after they left. */
const REMEMBERED = 200

export class Room {
  readonly name: string
  readonly purpose: string
  readonly channel: Channel<Events>
  readonly timeline = new Timeline()
  readonly unread = new Store(0)
  /** Whether the past is here: `failed` can be tried again. */
  readonly past = new Store<'waiting' | 'loaded' | 'failed'>('waiting')
  readonly #names = new Map<string, string>()
  #here = false
  #epoch = ''
  #read = 0
  #announced = ''
  #timer: number | undefined

  constructor(name: string, purpose: string) {
    this.name = name
    this.purpose = purpose
    this.channel = client.channel(`demo:${name}`, { presence: true })
  }

  /** Begins to listen. */
  start(): void {
    const { channel, timeline } = this
    channel.on('message', (_payload, message) => {
      const fresh = timeline.add(message, this.#turnTo(channel.position?.epoch ?? ''))
      if (!message.own) pulse('in')
      if (fresh && !message.own && !this.#here) this.unread.set(this.unread.get() + 1)
      this.announce()
    })
    channel.onGap((gap) => timeline.addGap(gap, channel.position?.epoch ?? ''))
    channel.presence.onChange(({ members }) => this.#attend(members))
    channel.onStatus((status) => {
      if (status !== 'subscribed') return
      this.#turnTo(channel.position?.epoch ?? '')
      if (this.past.get() !== 'loaded') void this.load()
      this.announce()
    })
    identity.subscribe(() => this.announce())
    this.announce()
  }

  /** Fetches what was said before this page came. */
  async load(): Promise<void> {
    this.past.set('waiting')
    try {
      const page = await this.channel.history({ limit: HISTORY })
      this.timeline.addPage(page)
      this.past.set('loaded')
    } catch {
      this.past.set('failed')
    }
  }

  send(text: string): void {
    const payload: ChatMessage = { ...identity.get(), text }
    this.follow(this.channel.send('message', payload), payload)
  }

  /** Shows a message of mine and follows it to its end. */
  follow(handle: SendHandle, payload: ChatMessage): void {
    const key = this.timeline.addSend(handle, payload)
    handle.onStatus((status) => {
      if (status === 'sent') pulse('out')
      if (status !== 'acked') this.timeline.turn(key, status)
    })
    handle.receipt.then(
      ({ epoch, offset, time }) => this.timeline.settle(key, epoch, offset, time),
      (error: unknown) => this.#failed(key, error),
    )
  }

  /** Sends what failed once more, in place of it. */
  resend(entry: MessageEntry): void {
    this.timeline.remove(entry.key)
    this.send(entry.text)
  }

  /** I look at this room, or no longer. */
  look(here: boolean): void {
    this.#here = here
    if (here) this.unread.set(0)
    this.announce()
  }

  nameOf(member: string): string {
    return this.#names.get(member) ?? 'Somebody'
  }

  /** Tells the others who I am, whether I look, and how far I am: together, and no more often than needed. */
  announce(): void {
    if (this.#timer !== undefined) return
    this.#timer = window.setTimeout(() => {
      this.#timer = undefined
      const delivered = this.channel.position?.offset ?? 0
      if (this.#here) this.#read = delivered
      const attendance: Attendance = { ...identity.get(), here: this.#here, epoch: this.#epoch, delivered, read: this.#read }
      const text = JSON.stringify(attendance)
      if (text === this.#announced) return
      this.#announced = text
      this.channel.presence.track(attendance)
    }, ANNOUNCE_MS)
  }

  #failed(key: string, error: unknown): void {
    if (!isTautlineError(error)) return
    if (error.code === 'dropped/cancelled') {
      this.timeline.remove(key)
      note('message', 'Took a message back')
    } else {
      this.timeline.turn(key, 'failed')
      note('problem', `A message was not sent: ${wordsOf(error)}`, 'bad', error.code)
    }
  }

  #turnTo(epoch: string): string {
    if (epoch !== this.#epoch) this.#read = 0
    this.#epoch = epoch
    return epoch
  }

  #attend(members: readonly Member[]): void {
    const self = client.getConnectionInfo().member
    for (const { id, state } of members) {
      const attendance = readAttendance(state)
      this.#names.set(id, attendance.name)
      if (id !== self) this.timeline.mark(id, attendance)
    }
    for (const id of this.#names.keys()) {
      if (this.#names.size <= REMEMBERED) break
      this.#names.delete(id)
    }
  }
}
