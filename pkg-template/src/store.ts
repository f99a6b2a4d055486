/**
 * The outbox on disk: what is unsettled outlives its page. IndexedDB keeps it, and a Web Lock says which page it belongs to;
 * a page that is gone holds no lock, and the next one takes its outbox over. Not here: what is sent when (the core).
 */
import { type CoreApi, type Encoded, RESTORE, WAKE } from './core.ts'
import type { RestoredMessage } from './lifecycle.ts'
import type { Sends } from './sends.ts'

/** A message as it is kept. */
interface Kept {
  readonly id: number
  readonly channel: string
  /** The event's name, quoted. */
  readonly event: string
  readonly payload: Encoded
  /** When it is no longer worth sending, in milliseconds since 1970; 0: never. */
  readonly expiresAt: number
}

/** One outbox: the messages of one session. */
interface Outbox {
  readonly session: string
  /** Which of the application's queues. */
  readonly name: string
  /** The last id that was used: never again. */
  lastId: number
}

const DATABASE = 'tautline'
const OUTBOXES = 'outboxes'
const MESSAGES = 'messages'
/** A page that was just reloaded may hold its lock for a moment longer. */
const TAKEOVER_MS = 250

/** This page's outbox. */
export class Store {
  /** What an earlier page left unsettled, in the order of its ids. */
  readonly #left: readonly Kept[]
  readonly #database: IDBDatabase
  readonly #outbox: Outbox
  readonly #release: () => void
  readonly #onError: (error: unknown) => void
  readonly #changes = new Map<number, Kept | undefined>()

  private constructor(database: IDBDatabase, outbox: Outbox, left: Kept[], release: () => void, onError: (error: unknown) => void) {
    this.#left = left
    this.#database = database
    this.#outbox = outbox
    this.#release = release
    this.#onError = onError
  }

  /**
   * Takes over an outbox that lost its page, or begins one. `onError` hears of what cannot be written later.
   *
   * @throws where the browser has no IndexedDB or no Web Locks, or does not allow them here
   */
  static async open(name: string, session: string, onError: (error: unknown) => void): Promise<Store> {
    const database = await openDatabase()
    for (const outbox of await all<Outbox>(database, OUTBOXES)) {
      if (outbox.name !== name) continue
      const release = await lock(outbox.session)
      if (!release) continue
      const messages = await all<Kept>(database, MESSAGES, messagesOf(outbox.session))
      if (messages.length > 0) return new Store(database, outbox, messages, release, onError)
      await done(database.transaction(OUTBOXES, 'readwrite'), (transaction) => {
        transaction.objectStore(OUTBOXES).delete(outbox.session)
      })
      release()
    }
    const release = await lock(session)
    if (!release) throw new Error('The new session is locked already.')
    return new Store(database, { session, name, lastId: 0 }, [], release, onError)
  }

  /** Hands over what an earlier page left: the core sends it, and `sends` follows it. */
  restore(core: CoreApi, sends: Sends): RestoredMessage[] {
    core.adopt(this.#outbox.session, this.#outbox.lastId)
    const messages = this.#left.flatMap(({ id, channel, event, payload, expiresAt }) => {
      const ttlMs = expiresAt > 0 ? Math.max(1, expiresAt - Date.now()) : 0
      // Its size as `sizeOf` counts it, which shared with this file would be a chunk of its own: 600 bytes of download.
      if (!core.say(RESTORE, channel ? core.channel(channel) : 0, event, payload, payload?.length ?? 0, ttlMs, id)) {
        this.delete(id)
        return []
      }
      const content: unknown = typeof payload === 'string' ? JSON.parse(payload) : payload
      return { channel, event: JSON.parse(event) as string, payload: content, handle: sends.restored(id, channel) }
    })
    core.call(WAKE)
    return messages
  }

  /** Keeps a message. */
  put(id: number, channel: string, event: string, payload: Encoded, ttlMs: number): void {
    this.#outbox.lastId = Math.max(this.#outbox.lastId, id)
    this.#change(id, { id, channel, event, payload, expiresAt: ttlMs > 0 ? Date.now() + ttlMs : 0 })
  }

  /** A message is settled. */
  delete(id: number): void {
    this.#change(id, undefined)
  }

  /** Leaves the outbox to the next page, after the last changes. */
  async close(): Promise<void> {
    await this.#write()
    this.#database.close()
    this.#release()
  }

  /** Gathers the changes of one turn into one transaction. */
  #change(id: number, message: Kept | undefined): void {
    if (this.#changes.size === 0) queueMicrotask(() => void this.#write())
    this.#changes.set(id, message)
  }

  async #write(): Promise<void> {
    if (this.#changes.size === 0) return
    const changes = [...this.#changes]
    this.#changes.clear()
    try {
      await done(this.#database.transaction([OUTBOXES, MESSAGES], 'readwrite'), (transaction) => {
        transaction.objectStore(OUTBOXES).put(this.#outbox, this.#outbox.session)
        const store = transaction.objectStore(MESSAGES)
        for (const [id, message] of changes) {
          if (message) store.put(message, [this.#outbox.session, id])
          else store.delete([this.#outbox.session, id])
        }
      })
    } catch (error) {
      this.#onError(error)
    }
  }
}

function openDatabase(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1)
    request.onupgradeneeded = () => {
      request.result.createObjectStore(OUTBOXES)
      request.result.createObjectStore(MESSAGES)
    }
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

/** Holds the lock of a session until the result is called; undefined if another page has it. */
function lock(session: string): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    const options = { signal: AbortSignal.timeout(TAKEOVER_MS) }
    navigator.locks
      .request(`${DATABASE}:${session}`, options, () => new Promise<void>((release) => resolve(release)))
      .catch((error: unknown) => {
        if (options.signal.aborted) resolve(undefined)
        else reject(error)
      })
  })
}

function messagesOf(session: string): IDBKeyRange {
  return IDBKeyRange.bound([session, 0], [session, Infinity])
}

function all<T>(database: IDBDatabase, store: string, range?: IDBKeyRange): Promise<T[]> {
  return new Promise((resolve, reject) => {
    const request: IDBRequest<T[]> = database.transaction(store).objectStore(store).getAll(range)
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

function done(transaction: IDBTransaction, fill: (transaction: IDBTransaction) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error)
    fill(transaction)
  })
}
