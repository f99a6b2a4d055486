/**
 * A list that follows a channel: what the server confirmed, in the channel's order, and this client's open changes on top. Outside of React. In:
 * messages, receipts, what was fetched. Out: a store.
 */
import type { Channel } from '../channel.ts'
import { TautlineError } from '../error.ts'
import type { EventMap, Message } from '../events.ts'
import type { Receipt } from '../send.ts'
import { fieldsOf } from './person.ts'
import { Store } from './store.ts'
import type { RealtimeSyncOptions } from './sync.ts'
import { follow, forget, keep, type Unsettled } from './unsettled.ts'

/** What a list is of. */
export interface Item {
  /** Which one it is, unique in its list. */
  readonly id: string | number
}

/** One change: a whole item, some fields of one, or its `id` alone. */
export interface Change<T extends Item = Item> {
  /** What is done. */
  readonly kind: 'insert' | 'update' | 'delete'
  /** To what. */
  readonly item: Partial<T> & Item
}

/** What a component says, as of its last render. */
type User<T extends Item> = () => RealtimeSyncOptions<T>

/** What is shown. */
export interface ReplicaState<T extends Item> {
  readonly data: readonly T[]
  readonly pending: number
  readonly isFetching: boolean
}

interface Open<T extends Item> extends Change<T> {
  readonly sent: Unsettled
}

/** How long it keeps itself before somebody watches, in milliseconds. */
const HANDOVER_MS = 1_000

const KINDS = ['insert', 'update', 'delete'] as const
const HANDLERS = { insert: 'onInsert', update: 'onUpdate', delete: 'onDelete' } as const

export class Replica<T extends Item> {
  /** Undefined until somebody watches. */
  readonly store: Store<ReplicaState<T> | undefined> = new Store<ReplicaState<T> | undefined>(undefined, () => this.#begin())
  readonly #channel: Channel<EventMap>
  readonly #resource: string
  readonly #users = new Set<User<T>>()
  /** What happened before a component took part. */
  #untold: ((user: RealtimeSyncOptions<T>) => void)[] = []
  #base = new Map<Item['id'], T>()
  #open: readonly Open<T>[] = []
  /** What comes while a fetch is under way may not be in its answer. */
  #log: Change<T>[] | undefined
  #seeded = false
  #fetched = false
  #turn = 0

  constructor(channel: Channel<EventMap>, resource: string) {
    this.#channel = channel
    this.#resource = resource
    // What was called before it was there happens now, and a component watches only when React has rendered.
    setTimeout(this.store.subscribe(() => {}), HANDOVER_MS)
  }

  /** A component takes part, until the result is called. */
  use(user: User<T>): () => void {
    this.#users.add(user)
    const { initialData } = user()
    if (!this.#seeded && initialData) {
      this.#seeded = true
      this.#base = new Map([...byId(initialData), ...this.#base])
    }
    this.#show()
    this.#joined()
    for (const call of this.#untold.splice(0)) this.#tell(call)
    return () => this.#users.delete(user)
  }

  insert(item: T): Promise<Receipt> {
    return this.#change('insert', item)
  }

  update(id: T['id'], change: Partial<T>): Promise<Receipt> {
    return this.#change('update', { ...change, id })
  }

  remove(id: T['id']): Promise<Receipt> {
    return this.#change('delete', { id } as Partial<T> & Item)
  }

  #change(kind: Change['kind'], item: Partial<T> & Item): Promise<Receipt> {
    const event = `${this.#resource}:${kind}`
    try {
      const handle = this.#channel.send(event, item)
      keep(this.#channel, { event, payload: item, handle })
      return handle.receipt
    } catch (error) {
      this.#failed(error, { kind, item })
      throw error
    }
  }

  /** Puts one of this client's changes on top of the list, also one of an earlier component or page. */
  #follow(sent: Unsettled): void {
    const kind = KINDS.find((one) => sent.event === `${this.#resource}:${one}`)
    if (!kind) return
    const item = sent.payload as Partial<T> & Item
    const open: Open<T> = { kind, item, sent }
    this.#open = [...this.#open, open]
    this.#show()
    sent.handle.receipt.then(
      // Where messages are numbered our own comes back in its place, unless that was passed before; elsewhere this is all the confirmation there is.
      ({ offset, epoch }) => {
        const { position } = this.#channel
        if (offset === 0 || (position?.epoch === epoch && position.offset >= offset)) this.#close(open, true)
      },
      (error: unknown) => {
        if (!this.#close(open, false)) return
        forget(this.#channel, sent)
        this.#failed(error, { kind, item })
      },
    )
  }

  /** The list as it is now, with all that comes meanwhile. */
  async refetch(): Promise<void> {
    let answer: Promise<readonly T[]> | undefined
    for (const user of this.#users) answer ??= user().fetch?.()
    if (!answer) return
    this.#fetched = true
    const turn = ++this.#turn
    this.#log = []
    this.#show()
    try {
      const items = byId(await answer)
      if (turn !== this.#turn) return
      this.#base = items
      for (const change of this.#log) apply(items, change)
    } catch (error) {
      if (turn !== this.#turn) return
      this.#failed(error)
    }
    this.#log = undefined
    this.#show()
  }

  #begin(): () => void {
    const channel = this.#channel
    const ends = [
      ...KINDS.map((kind) => channel.on(`${this.#resource}:${kind}`, (payload, message) => this.#heard(kind, payload, message))),
      channel.onStatus(() => this.#joined()),
      channel.onGap(() => {
        this.#confirm()
        void this.refetch()
      }),
      follow(channel, (sent) => this.#follow(sent)),
    ]
    return () => {
      for (const end of ends) end()
      this.#turn++
      this.#log = undefined
      this.#fetched = this.#seeded = false
      this.#base = new Map()
      this.#open = []
      this.#untold = []
    }
  }

  #joined(): void {
    if (this.#channel.status !== 'subscribed') return
    this.#confirm()
    if (!this.#fetched) void this.refetch()
  }

  /** Those that the server has: their own messages may be among what is missing here. */
  #confirm(): void {
    for (const open of this.#open) if (open.sent.handle.status === 'acked') this.#close(open, true)
  }

  #heard(kind: Change['kind'], payload: unknown, { own, id }: Message): void {
    const item = fieldsOf(payload) as unknown as Partial<T> & Item
    if (typeof item.id !== 'string' && typeof item.id !== 'number') {
      return this.#failed(new TautlineError('peer/invalid-payload', { message: `${this.#resource}:${kind} has no id.` }))
    }
    if (own) this.#open = this.#open.filter((open) => open.sent.handle.id !== id)
    apply(this.#base, { kind, item })
    this.#log?.push({ kind, item })
    this.#show()
    if (!own) this.#tell((user) => user[HANDLERS[kind]]?.(item as T))
  }

  /** A change is no longer open: it is part of the list, or it never was. */
  #close(open: Open<T>, confirmed: boolean): boolean {
    if (!this.#open.includes(open)) return false
    this.#open = this.#open.filter((other) => other !== open)
    if (confirmed) apply(this.#base, open)
    this.#show()
    return true
  }

  #failed(error: unknown, change?: Change<T>): void {
    this.#tell(({ onError }) => onError?.(error, change))
  }

  /** A handler that throws harms no other. */
  #tell(call: (user: RealtimeSyncOptions<T>) => void): void {
    if (this.#users.size === 0) this.#untold.push(call)
    for (const user of this.#users) {
      try {
        call(user())
      } catch (error) {
        reportError(error)
      }
    }
  }

  #show(): void {
    // Nobody has said yet what the list begins with.
    if (this.#users.size === 0) return
    const items = this.#open.length > 0 ? new Map(this.#base) : this.#base
    for (const open of this.#open) apply(items, open)
    this.store.set({ data: [...items.values()], pending: this.#open.length, isFetching: this.#log !== undefined })
  }
}

function byId<T extends Item>(items: readonly T[] = []): Map<Item['id'], T> {
  return new Map(items.map((item) => [item.id, item]))
}

/** Doing it twice is doing it once. */
function apply<T extends Item>(items: Map<Item['id'], T>, { kind, item }: Change<T>): void {
  const before = items.get(item.id)
  if (kind === 'delete') items.delete(item.id)
  else if (kind === 'insert') items.set(item.id, item as T)
  else if (before) items.set(item.id, { ...before, ...item })
}
