/**
 * A conversation: its messages in order, how far mine have come, who came and went. Outside of React. In: messages, pages of history, receipts,
 * presence. Out: a store. How far somebody has read stands in their presence, so it costs no messages and heals by itself.
 */
import type { Channel } from '../channel.ts'
import type { TautlineError } from '../error.ts'
import type { EventMap, Message, Unsubscribe } from '../events.ts'
import type { Member, PresenceChange } from '../presence.ts'
import { attend } from './attendance.ts'
import { claimOf, fieldsOf, idOf, type Person } from './person.ts'
import { Store } from './store.ts'
import { follow, forget, keep, type Unsettled } from './unsettled.ts'

/**
 * How far a message has come. `sending`: it waits for a connection or for the server. `sent`: the server has it. `delivered`, `read`: so has somebody
 * else. `failed`: see its `error`. Messages of others are `read` or not yet (`delivered`).
 */
export type ChatMessageStatus = 'sending' | 'sent' | 'delivered' | 'read' | 'failed'

/** One message of a conversation. The same object until something changes. */
export interface ChatMessage {
  /** Unique in this list, and the same from `sending` on: React's key. */
  readonly key: string
  /** What it says. */
  readonly text: string
  /** Who says it. A claim, but for `id` where tokens are used. */
  readonly user: Person
  /** When the server took it; while `sending`, when it was written: in milliseconds since 1970. */
  readonly time: number
  /** Whether this user wrote it. */
  readonly own: boolean
  /** How far it has come. */
  readonly status: ChatMessageStatus
  /** Why it failed. */
  readonly error: TautlineError | undefined
  /** All that was sent, with the application's own fields. */
  readonly payload: unknown
  /** Its place in the channel's history; 0 where there is none, and while `sending`. */
  readonly offset: number
  /** Which history. */
  readonly epoch: string
  /** Whether it was missed and came late, after a reconnect. */
  readonly replayed: boolean
}

/** Something that happened in a conversation besides messages. */
export interface ChatNotice {
  /** Unique in this list. */
  readonly key: string
  /** Somebody came or left, or something happened to a wallet. */
  readonly kind: 'join' | 'leave' | 'wallet'
  /** Who, where it is known. */
  readonly user: Person | undefined
  /** What the event carries. */
  readonly payload: unknown
  /** When it came, in milliseconds since 1970. */
  readonly time: number
}

/** What is shown. */
export interface ChatState {
  /** The oldest first; what is still `sending` last. */
  readonly messages: readonly ChatMessage[]
  /** The newest 50, the oldest first. */
  readonly notices: readonly ChatNotice[]
  /** How many messages of others are not read. */
  readonly unreadCount: number
  /** Whether there are older messages to load. */
  readonly hasMore: boolean
  /** Whether history is being loaded. */
  readonly isLoading: boolean
}

/** What it is told by components. */
export interface ChatSettings {
  readonly user: Person
  readonly event: string
  readonly walletEvent: string
  readonly historyLimit: number
  readonly limit: number
}

const NOTICES = 50
const SILENCE: ChatState = { messages: [], notices: [], unreadCount: 0, hasMore: false, isLoading: false }

export class ChatRoom {
  readonly store: Store<ChatState> = new Store(SILENCE, () => this.#begin())
  readonly #channel: Channel<EventMap>
  #settings: ChatSettings
  /** In the channel's order. */
  #placed: ChatMessage[] = []
  /** Mine, on their way. */
  #open: readonly ChatMessage[] = []
  /** The same, as they were sent. */
  readonly #sent = new Map<string, Unsettled>()
  #notices: readonly ChatNotice[] = []
  #hasMore = false
  #loading = 0
  /** The history that the marks belong to: how far this client is, and how far anybody else is. */
  #epoch = ''
  #marks = { delivered: 0, read: 0 }
  #others = { delivered: 0, read: 0 }
  #leave: (() => void) | undefined
  #looking = false
  /** One for each beginning: what was asked in an earlier one is void. */
  #life: object | undefined

  constructor(channel: Channel<EventMap>, settings: ChatSettings) {
    this.#channel = channel
    this.#settings = settings
  }

  /** What the components say now. */
  update(settings: ChatSettings): void {
    const before = this.#settings.user
    this.#settings = settings
    if (this.#leave && settings.user !== before && JSON.stringify(settings.user) !== JSON.stringify(before)) this.#attend()
  }

  sendMessage(text: string, fields?: object): void {
    const { user, event } = this.#settings
    const payload = { ...fields, id: newKey(), text, user }
    keep(this.#channel, { event, payload, handle: this.#channel.send(event, payload) })
  }

  /** Shows one of mine on its way, also one of an earlier component or page. */
  #follow(sent: Unsettled): void {
    const { event, payload, handle } = sent
    const { id: key, text, user } = fieldsOf(payload)
    if (event !== this.#settings.event || typeof key !== 'string' || typeof text !== 'string') return
    const who = { ...claimOf(user), id: this.#settings.user.id }
    const message: ChatMessage = {
      key, text, user: who, time: Date.now(), own: true, status: 'sending', error: undefined, payload, offset: 0, epoch: '', replayed: false,
    }
    this.#open = [...this.#open, message]
    this.#sent.set(key, sent)
    this.#show()
    handle.receipt.then(
      ({ offset, epoch, time }) => this.#settle(key, offset, epoch, time),
      (error: TautlineError) => {
        this.#open = this.#open.map((open) => (open.key === key ? { ...open, status: 'failed', error } : open))
        this.#show()
      },
    )
  }

  /** Sends a failed message again. */
  retry(key: string): void {
    const failed = this.#open.find((open) => open.key === key && open.status === 'failed')
    if (!failed) return
    this.discard(key)
    this.sendMessage(failed.text, fieldsOf(failed.payload))
  }

  /** Takes a failed message away, or takes back one that still can be; says whether it is gone. */
  discard(key: string): boolean {
    const sent = this.#sent.get(key)
    if (!sent || (sent.handle.status !== 'failed' && !sent.handle.cancel())) return false
    forget(this.#channel, sent)
    this.#sent.delete(key)
    this.#open = this.#open.filter((open) => open.key !== key)
    this.#show()
    return true
  }

  /** Loads what is older than the first message here. */
  loadMore(): Promise<void> {
    return this.#load('read', this.#placed.find(({ epoch, offset }) => epoch === this.#epoch && offset > 0)?.offset).then(() => {})
  }

  /** The user sees what comes while the page is visible, until the result is called. */
  watchPage(): () => void {
    const look = (): void => this.#look(document.visibilityState === 'visible')
    look()
    document.addEventListener('visibilitychange', look)
    return () => {
      document.removeEventListener('visibilitychange', look)
      this.#look(false)
    }
  }

  #look(looking: boolean): void {
    this.#looking = looking
    if (looking) this.markRead()
  }

  /** The user has seen everything that is here. */
  markRead(): void {
    if (this.#marks.read < this.#marks.delivered) {
      this.#marks = { ...this.#marks, read: this.#marks.delivered }
      this.#attend()
    }
    if (!this.#placed.some(unread)) return
    this.#placed = this.#placed.map((message) => (unread(message) ? { ...message, status: 'read' } : message))
    this.#show()
  }

  /** Loads the newest messages, or those before an offset; those of others count as they say. Says whether it worked out. */
  async #load(status: ChatMessageStatus, before?: number): Promise<boolean> {
    const { historyLimit: limit, event } = this.#settings
    const life = this.#life
    if (!life) return false
    this.#loading++
    this.#show()
    const page = await this.#channel.history({ limit, before }).catch(() => undefined)
    if (life !== this.#life) return false
    this.#loading--
    // A server without a history has no past to show; what was lost on its way is asked for again with the next join, or by the reader.
    if (page) {
      this.#turnTo(page.epoch)
      for (const message of page.messages) {
        if (message.event !== event || this.#settled(message)) continue
        const chat = this.#toChat(message)
        this.#place(chat.own ? chat : { ...chat, status })
      }
      this.#hasMore = page.more
    }
    this.#show()
    return page !== undefined
  }

  #begin(): () => void {
    const channel = this.#channel
    const { event, walletEvent } = this.#settings
    const life = (this.#life = {})
    let loaded = false
    // Who is there from the start did not come.
    let here = false
    const joined = (): void => {
      if (channel.status !== 'subscribed') return
      this.#turnTo(channel.position?.epoch ?? '')
      if (!loaded) {
        loaded = true
        void this.#load('read').then((answered) => {
          loaded = answered
        })
      }
      setTimeout(() => {
        here = life === this.#life
      })
    }
    const ends: Unsubscribe[] = []
    try {
      // First, so that it is asked for together with the messages.
      ends.push(channel.presence.onChange((change) => this.#changed(change, here)))
    } catch {
      // A server that does not tell who is there.
    }
    ends.push(
      channel.on(event, (_, message) => this.#heard(message)),
      channel.on(walletEvent, (payload) => this.#notice('wallet', undefined, payload)),
      channel.onStatus(joined),
      channel.onGap(() => void this.#load(this.#looking ? 'read' : 'delivered')),
      follow(channel, (sent) => this.#follow(sent)),
    )
    this.#attend()
    joined()
    return () => {
      for (const end of [...ends, this.#leave]) end?.()
      this.#leave = this.#life = undefined
      this.#placed = []
      this.#open = []
      this.#sent.clear()
      this.#notices = []
      this.#hasMore = false
      this.#loading = 0
      this.#turnTo('')
    }
  }

  #heard(message: Message): void {
    this.#turnTo(this.#channel.position?.epoch ?? '')
    if (message.offset > 0) this.#marks = { delivered: message.offset, read: this.#looking ? message.offset : this.#marks.read }
    if (!this.#settled(message)) this.#place(this.#toChat(message))
    const { offset } = message
    if (offset > 0 && !message.own) this.#attend()
    this.#show()
  }

  /** Whether this is one of mine that was on its way until now, or that counted as sent when it left. */
  #settled({ payload, offset, own, time }: Message): boolean {
    const { id } = fieldsOf(payload)
    // Servers that number nothing do not say whose it is.
    if (typeof id !== 'string' || (!own && offset > 0)) return false
    if (this.#sent.has(id)) this.#settle(id, offset, this.#epoch, time)
    return this.#placed.some((placed) => placed.own && placed.key === id)
  }

  /** One of mine has its place. */
  #settle(key: string, offset: number, epoch: string, time = Date.now()): void {
    const message = this.#open.find((open) => open.key === key)
    if (!message) return
    this.#open = this.#open.filter((open) => open !== message)
    this.#sent.delete(key)
    this.#place({ ...message, status: 'sent', error: undefined, offset, epoch, time })
    this.#show()
  }

  /** Where it belongs, unless it is there already. */
  #place(message: ChatMessage): void {
    const { epoch, offset } = message
    const before = (other: ChatMessage | undefined): boolean => !other || offset === 0 || other.epoch !== epoch || other.offset <= offset
    let at = this.#placed.length
    while (!before(this.#placed[at - 1])) at--
    const last = this.#placed[at - 1]
    if (offset > 0 && last?.epoch === epoch && last.offset === offset) return
    this.#placed = [...this.#placed.slice(0, at), message, ...this.#placed.slice(at)]
    const over = this.#placed.length - this.#settings.limit
    if (over <= 0 || this.#loading > 0) return
    this.#placed = this.#placed.slice(over)
    this.#hasMore = true
  }

  #toChat({ payload, user, from, own, offset, replayed, time = Date.now() }: Message): ChatMessage {
    const said = fieldsOf(payload)
    const claimed = claimOf(said['user'])
    const id = user ?? (typeof claimed['id'] === 'string' ? claimed['id'] : (from ?? ''))
    const text = typeof said['text'] === 'string' ? said['text'] : typeof payload === 'string' ? payload : ''
    const mine = own || id === this.#settings.user.id
    const status = mine ? 'sent' : this.#looking ? 'read' : 'delivered'
    const epoch = this.#epoch
    const key = offset > 0 ? `${epoch} ${offset}` : newKey()
    return { key, text, user: { ...claimed, id }, time, own: mine, status, error: undefined, payload, offset, epoch, replayed }
  }

  /** Marks mean nothing in another history. */
  #turnTo(epoch: string): void {
    if (epoch === this.#epoch) return
    this.#epoch = epoch
    this.#marks = this.#others = { delivered: 0, read: 0 }
  }

  /** Says who is here and how far they are. */
  #attend(): void {
    this.#leave?.()
    this.#leave = attend(this.#channel, { ...this.#settings.user, epoch: this.#epoch, ...this.#marks })
  }

  #changed({ joined, updated, left, members }: PresenceChange<unknown>, tell: boolean): void {
    const me = this.#settings.user.id
    const gone = (changed: readonly Member[]) => (member: Member) => {
      const id = idOf(member)
      return id !== me && !members.some((other) => idOf(other) === id && !changed.includes(other))
    }
    if (tell) {
      for (const member of joined.filter(gone(joined))) this.#notice('join', member)
      for (const member of left.filter(gone([]))) this.#notice('leave', member)
    }
    let { delivered, read } = this.#others
    for (const member of [...joined, ...updated]) {
      const said = fieldsOf(member.state)
      if (idOf(member) === me || said['epoch'] !== this.#epoch) continue
      delivered = Math.max(delivered, Number(said['delivered']) || 0)
      read = Math.max(read, Number(said['read']) || 0)
    }
    if (delivered === this.#others.delivered && read === this.#others.read) return
    this.#others = { delivered, read }
    this.#show()
  }

  #notice(kind: ChatNotice['kind'], member: Member | undefined, payload: unknown = member?.state): void {
    const user = member && { ...claimOf(member.state), id: idOf(member) }
    this.#notices = [...this.#notices, { key: newKey(), kind, user, payload, time: Date.now() }].slice(-NOTICES)
    this.#show()
  }

  #show(): void {
    const { delivered, read } = this.#others
    this.#placed = this.#placed.map((message) => {
      const { own, epoch, offset, status } = message
      if (!own || offset === 0 || epoch !== this.#epoch) return message
      const now = offset <= read ? 'read' : offset <= delivered ? 'delivered' : status
      return now === status ? message : { ...message, status: now }
    })
    this.store.set({
      messages: [...this.#placed, ...this.#open],
      notices: this.#notices,
      unreadCount: this.#placed.filter(unread).length,
      hasMore: this.#hasMore,
      isLoading: this.#loading > 0,
    })
  }
}

function unread({ own, status }: ChatMessage): boolean {
  return !own && status === 'delivered'
}

function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(3)), (word) => word.toString(36)).join('')
}
