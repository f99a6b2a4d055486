/**
 * What a room shows: messages in their order, my own unsettled ones last, notices where something may be missing.
 * In: messages, pages of history, gaps, my sends, the marks of others. Out: one list. Not here: the channel.
 */
import type { Gap, HistoryPage, Message, SendHandle, SendStatus } from 'tautline'
import type { ChatMessage } from '../client.ts'
import { type Attendance, type Person, readPerson } from './person.ts'
import { Store } from './store.ts'

export interface MessageEntry {
  readonly kind: 'message'
  /** For React: the same for a message's whole life. */
  readonly key: string
  readonly own: boolean
  /** The member id of the author, where it is known. */
  readonly from: string | undefined
  readonly author: Person
  readonly text: string
  readonly time: number
  /** Where it stands; empty and 0 until the relay has it. */
  readonly epoch: string
  readonly offset: number
  readonly status: SendStatus
  /** Missed, and come after a reconnect. */
  readonly replayed: boolean
  /** The member ids of those who have it and of those who saw it. */
  readonly deliveredTo: readonly string[]
  readonly readBy: readonly string[]
  readonly handle: SendHandle | undefined
}

export interface GapEntry {
  readonly kind: 'gap'
  readonly key: string
  readonly epoch: string
  /** How many messages are missing; undefined where nobody can know. */
  readonly missing: number | undefined
}

export type Entry = MessageEntry | GapEntry

/** The most entries that are kept. */
const LIMIT = 500
/** The most members whose marks are kept. */
const MARKS = 200
/** The most of a text that is shown. */
const TEXT_MAX = 4_000

const readText = (value: unknown): string => (typeof value === 'string' ? value.slice(0, TEXT_MAX) : '')

export class Timeline {
  readonly entries = new Store<readonly Entry[]>([])
  readonly #places = new Set<string>()
  readonly #marks = new Map<string, Attendance>()
  #count = 0

  /** A message of mine is on its way. */
  addSend(handle: SendHandle, payload: ChatMessage): string {
    const key = this.#key()
    const entry: MessageEntry = {
      kind: 'message',
      key,
      own: true,
      from: undefined,
      author: readPerson(payload),
      text: readText(payload.text),
      time: Date.now(),
      epoch: '',
      offset: 0,
      status: handle.status,
      replayed: false,
      deliveredTo: [],
      readBy: [],
      handle,
    }
    this.#show([...this.entries.get(), entry])
    return key
  }

  /** A send of mine went on without being settled, or failed. */
  turn(key: string, status: SendStatus): void {
    this.#replace(key, (entry) => ({ ...entry, status }))
  }

  remove(key: string): void {
    this.entries.set(this.entries.get().filter((entry) => entry.key !== key))
  }

  /** The relay has a message of mine. */
  settle(key: string, epoch: string, offset: number, time: number): void {
    const entry = this.#find(key)
    if (!entry || entry.offset > 0) return
    const rest = this.entries.get().filter((other) => other !== entry)
    if (this.#places.has(place(epoch, offset))) return this.entries.set(rest)
    this.#insert(rest, this.#marked({ ...entry, epoch, offset, time, status: 'acked' }))
  }

  /** A message came. */
  add(message: Message<string, unknown>, epoch: string): boolean {
    if (this.#places.has(place(epoch, message.offset))) return false
    const mine = message.own ? this.#sent(message.id) : undefined
    if (mine) {
      this.settle(mine.key, epoch, message.offset, message.time ?? mine.time)
      return true
    }
    const text = readText((message.payload as { text?: unknown } | null)?.text)
    const entry: MessageEntry = {
      kind: 'message',
      key: this.#key(),
      own: message.own,
      from: message.from,
      author: readPerson(message.payload),
      text,
      time: message.time ?? Date.now(),
      epoch,
      offset: message.offset,
      status: 'acked',
      replayed: message.replayed,
      deliveredTo: [],
      readBy: [],
      handle: undefined,
    }
    this.#insert(this.entries.get(), this.#marked(entry))
    return true
  }

  addPage(page: HistoryPage<Message<string, unknown>>): void {
    for (const message of page.messages) if (message.event === 'message') this.add(message, page.epoch)
  }

  /** Something may be missing here. Another history has other offsets: then nobody knows how much. */
  addGap(gap: Gap, epoch: string): void {
    const entries = this.entries.get()
    const end = entries.length - countUnsettled(entries)
    const missing = entries[end - 1]?.epoch === epoch ? gap.nextOffset - gap.lastOffset - 1 : undefined
    const entry: GapEntry = { kind: 'gap', key: this.#key(), epoch, missing }
    this.#show(entries.toSpliced(end, 0, entry))
  }

  /** Another member says how far it is. */
  mark(member: string, attendance: Attendance): void {
    this.#marks.delete(member)
    this.#marks.set(member, attendance)
    for (const oldest of this.#marks.keys()) {
      if (this.#marks.size <= MARKS) break
      this.#marks.delete(oldest)
    }
    const entries = this.entries.get()
    let changed = false
    const next = entries.map((entry) => {
      if (entry.kind === 'gap' || !entry.own || entry.epoch !== attendance.epoch || entry.offset > attendance.delivered) return entry
      const after = this.#marked(entry)
      changed ||= after !== entry
      return after
    })
    if (changed) this.entries.set(next)
  }

  /** With what the others said before this message was known to be in the history. */
  #marked(entry: MessageEntry): MessageEntry {
    if (!entry.own || entry.offset === 0) return entry
    let { deliveredTo, readBy } = entry
    for (const [member, mark] of this.#marks) {
      if (mark.epoch !== entry.epoch) continue
      if (mark.delivered >= entry.offset && !deliveredTo.includes(member)) deliveredTo = [...deliveredTo, member]
      if (mark.read >= entry.offset && !readBy.includes(member)) readBy = [...readBy, member]
    }
    return deliveredTo === entry.deliveredTo && readBy === entry.readBy ? entry : { ...entry, deliveredTo, readBy }
  }

  #insert(entries: readonly Entry[], entry: MessageEntry): void {
    this.#places.add(place(entry.epoch, entry.offset))
    let at = entries.length - countUnsettled(entries)
    while (at > 0) {
      const before = entries[at - 1]
      if (before?.kind !== 'message' || before.epoch !== entry.epoch || before.offset < entry.offset) break
      at -= 1
    }
    this.#show(entries.toSpliced(at, 0, entry))
  }

  /** Shows the newest. */
  #show(entries: readonly Entry[]): void {
    const dropped = Math.max(0, entries.length - LIMIT)
    for (const entry of entries.slice(0, dropped)) if (entry.kind === 'message') this.#places.delete(place(entry.epoch, entry.offset))
    this.entries.set(entries.slice(dropped))
  }

  #replace(key: string, change: (entry: MessageEntry) => MessageEntry): void {
    this.entries.set(this.entries.get().map((entry) => (entry.kind === 'message' && entry.key === key ? change(entry) : entry)))
  }

  #find(key: string): MessageEntry | undefined {
    return this.entries.get().find((entry): entry is MessageEntry => entry.kind === 'message' && entry.key === key)
  }

  #sent(id: number | undefined): MessageEntry | undefined {
    return this.entries
      .get()
      .find((entry): entry is MessageEntry => entry.kind === 'message' && entry.offset === 0 && entry.handle?.id === id)
  }

  #key(): string {
    this.#count += 1
    return `entry-${this.#count}`
  }
}

const place = (epoch: string, offset: number): string => `${epoch} ${offset}`

/** Unsettled messages stand at the end, and only there. */
function countUnsettled(entries: readonly Entry[]): number {
  let count = 0
  for (let at = entries.length - 1; at >= 0; at -= 1) {
    const entry = entries[at]
    if (entry?.kind !== 'message' || entry.offset > 0) break
    count += 1
  }
  return count
}
