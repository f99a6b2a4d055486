// The application of these tests: one client, and a record of everything that it tells.
import { type Client, type ClientOptions, createClient, isTautlineError, type Message, type SendHandle } from 'tautline'
import { createClientFromEnv, type EnvClient, type EnvClientOptions, type EnvDialect } from 'tautline/env'
import { createClient as createJsonClient, type JsonProtocol } from 'tautline/json'

type Events = Record<string, unknown>

/** What the test hands over: everything but functions, which cannot cross. */
export interface Order extends Omit<ClientOptions, 'token'> {
  /** A token, or `ask`: call the function that the test exposed as `provideToken`. */
  readonly token?: string
  readonly ask?: boolean
  /** What a hand-written server speaks; `usual`: what is taken when nobody says. Missing: Tautline's own protocol. */
  readonly protocol?: JsonProtocol | 'usual'
  /** For hand-written servers only. */
  readonly maxReconnectAttempts?: number
  /** A client of `tautline/env`, with these options besides. */
  readonly env?: Omit<EnvClientOptions, 'url' | 'token'>
}

declare global {
  // Not in TypeScript's own list yet.
  var trustedTypes: { createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string } }
  function provideToken(why: string): Promise<string>
  var lab: Lab
}

/** How a promise ended. */
export type Outcome = { ok: true; value: unknown } | { ok: false; code: string; details: unknown }

export class Lab {
  client!: Client<Events>
  readonly states: { status: string; cause: string | undefined }[] = []
  readonly messages: Message[] = []
  readonly subscribed: { channel: string; first: boolean; recovered: boolean; replaying: number }[] = []
  readonly gaps: { channel: string; lastOffset: number; nextOffset: number }[] = []
  readonly problems: { code: string; channel: string | undefined }[] = []
  readonly welcomes: { connectionId: string; member: string; user: string | undefined; resumed: boolean }[] = []
  readonly latencies: number[] = []
  readonly listenerErrors: string[] = []
  readonly uncaught: string[] = []
  readonly pageEvents: string[] = []
  readonly presence: Record<'joined' | 'updated' | 'left', string[]> = { joined: [], updated: [], left: [] }
  readonly typing: number[] = []
  tokensAccepted = 0
  readonly handles: SendHandle[] = []
  readonly switches: { from: string; to: string; reason: string; cause: string | undefined }[] = []
  /** How many messages an earlier page left behind. */
  restored = 0
  /** What the worker said. */
  readonly told: unknown[] = []

  constructor() {
    addEventListener('error', (event) => this.uncaught.push(String(event.message)))
    addEventListener('unhandledrejection', (event) => this.uncaught.push(String(event.reason)))
    addEventListener('pagehide', (event) => this.pageEvents.push(`pagehide persisted=${event.persisted}`))
    addEventListener('pageshow', (event) => this.pageEvents.push(`pageshow persisted=${event.persisted}`))
    document.addEventListener('visibilitychange', () => this.pageEvents.push(document.visibilityState))
    for (const name of ['freeze', 'resume']) document.addEventListener(name, () => this.pageEvents.push(name))
    for (const name of ['online', 'offline']) addEventListener(name, () => this.pageEvents.push(name))
  }

  /** Makes the client and connects it. */
  open({ ask, protocol, maxReconnectAttempts, env, ...given }: Order): void {
    const options: ClientOptions = { ...given, ...(ask && { token: (why) => provideToken(why) }) }
    const client = make(options, protocol, maxReconnectAttempts, env)
    client.onConnectionStateChange(({ status, cause }) => this.states.push({ status, cause: cause?.code }))
    client.onLifecycle('subscribed', (event) => this.subscribed.push(event))
    client.onLifecycle('gap', (event) => this.gaps.push(event))
    client.onLifecycle('problem', ({ error, channel }) => this.problems.push({ code: error.code, channel }))
    client.onLifecycle('welcome', (event) => this.welcomes.push(event))
    client.onLifecycle('latency', ({ ms }) => this.latencies.push(ms))
    client.onLifecycle('listenerError', ({ error }) => this.listenerErrors.push(String(error)))
    client.onLifecycle('restored', ({ messages }) => (this.restored += messages.length))
    client.onLifecycle('switched', ({ cause, ...event }) => this.switches.push({ ...event, cause: cause?.code }))
    client.onLifecycle('token', () => (this.tokensAccepted += 1))
    client.on('*', (_, message) => this.messages.push(message))
    this.client = client
    client.connect()
  }

  join(channel: string): void {
    this.client.channel(channel).subscribe()
  }

  watch(channel: string): void {
    this.client.channel(channel).presence.onChange((change) => {
      for (const what of ['joined', 'updated', 'left'] as const) {
        this.presence[what].push(...change[what].map(({ state }) => String((state as { name?: string } | undefined)?.name)))
      }
    })
  }

  watchTyping(channel: string): void {
    this.client.channel(channel).onTyping((members) => this.typing.push(members.length))
  }

  /** Sends numbers, `everyMs` apart, or all at once. */
  sendNumbers(channel: string, count: number, everyMs = 0, first = 0): void {
    let next = first
    const end = first + count
    const send = (): void => {
      this.handles.push(this.client.channel(channel).send('number', next++))
    }
    if (everyMs === 0) {
      while (next < end) send()
      return
    }
    const timer = setInterval(() => {
      send()
      if (next === end) clearInterval(timer)
    }, everyMs)
  }

  /** Sends `{ n }`, counting from 1, `everyMs` apart. */
  pour(channel: string, count: number, everyMs: number): void {
    let n = 0
    const timer = setInterval(() => {
      this.handles.push(this.client.channel(channel).send('COUNT', { n: ++n }))
      if (n === count) clearInterval(timer)
    }, everyMs)
  }

  switchTo(dialect: EnvDialect): void {
    ;(this.client as EnvClient<Events>).switchTo(dialect)
  }

  /** Whether everything that is not settled is on disk. */
  async isKept(): Promise<boolean> {
    const { queueSize } = this.client.getConnectionInfo()
    const open = this.handles.filter(({ status }) => status === 'queued' || status === 'sent').length
    return queueSize >= open && (await countKept()) === queueSize
  }

  /** Another client, in a worker. */
  startWorker(order: { url: string; channel: string }): void {
    const policy = trustedTypes.createPolicy('page', { createScriptURL: (url) => url })
    const worker = new Worker(policy.createScriptURL('/worker.js'), { type: 'module' })
    worker.addEventListener('message', (event) => this.told.push(event.data))
    worker.addEventListener('error', (event) => this.told.push({ error: event.message }))
    worker.postMessage(order)
  }

  /** The payloads heard in a channel, without this page's own. */
  heard(channel: string): unknown[] {
    return this.messages.filter((message) => message.channel === channel && !message.own).map(({ payload }) => payload)
  }

  /** How many of the messages sent so far stand so. */
  count(status: string): number {
    return this.handles.filter((handle) => handle.status === status).length
  }

  async outcome(promise: Promise<unknown>): Promise<Outcome> {
    try {
      return { ok: true, value: await promise }
    } catch (error) {
      if (!isTautlineError(error)) return { ok: false, code: `not ours: ${String(error)}`, details: undefined }
      return { ok: false, code: error.code, details: error.details }
    }
  }
}

function make(options: ClientOptions, protocol: Order['protocol'], maxReconnectAttempts: number | undefined, env: Order['env']): Client<Events> {
  if (env) return createClientFromEnv<Events>({ ...options, ...env })
  if (!protocol) return createClient<Events>(options)
  return createJsonClient<Events>({ ...options, maxReconnectAttempts, ...(protocol !== 'usual' && { protocol }) })
}

function countKept(): Promise<number> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('tautline')
    opening.onerror = () => reject(opening.error)
    opening.onsuccess = () => {
      const database = opening.result
      const counting = database.transaction('messages').objectStore('messages').count()
      counting.onsuccess = () => {
        database.close()
        resolve(counting.result)
      }
    }
  })
}

globalThis.lab = new Lab()
