/** A core that does nothing but remember what it was told; the test plays the server through `host`. */
import type { Client } from '../src/client.ts'
import { TautlineClient } from '../src/client.ts'
import * as core from '../src/core.ts'
import type { EventMap } from '../src/events.ts'
import type { LoadCore } from '../src/hub.ts'
import type { ClientOptions } from '../src/options.ts'

/** The verbs' names, by their numbers in core.ts. */
const CALLS = ['connect', 'close', 'retry', 'destroy', 'refresh', 'cancel', 'cancelRequest', 'subscribe', 'unsubscribe', 'typing', 'untrack']
const SAYS = ['publish', 'publish volatile', 'signal', 'request', 'restore', 'track']

export class FakeCore implements core.CoreApi {
  static last: FakeCore
  readonly options: core.CoreOptions
  readonly host: core.CoreHost
  readonly calls: unknown[][] = []
  /** What the next refusable call returns instead of an id. */
  refusal = 0
  /** Runs with the next call after a publish or a request, where the core carries out what was said. */
  inside: ((id: number) => void) | undefined
  snapshot: readonly number[] = [0, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, 0, -1, -1, -1, -1, -1]
  #id = 0
  #said = false
  readonly #names: string[] = []

  constructor(options: core.CoreOptions, host: core.CoreHost) {
    this.options = options
    this.host = host
    FakeCore.last = this
  }

  call(verb: number, about?: number, flag?: boolean): boolean {
    const { inside } = this
    if (inside && this.#said) {
      this.inside = undefined
      inside(this.#id)
    }
    this.#said = false
    if (verb === core.WAKE) return false
    const name = CALLS[verb] as string
    this.calls.push([name, about, flag].filter((part) => part !== undefined))
    if (verb === core.CONNECT) this.state(1)
    if (verb === core.CLOSE) this.state(4)
    if (verb === core.CANCEL) this.tell(core.FAILED, about, 39)
    return true
  }
  say(verb: number, ...given: unknown[]): number {
    this.calls.push([SAYS[verb], ...given])
    if (verb === core.TRACK || verb === core.RESTORE) return 1
    const refused = this.#refused()
    if (refused < 0 || verb === core.SAY_SIGNAL) return refused
    this.#said = true
    return ++this.#id
  }
  speak(options: object): void {
    this.calls.push(['speak', options])
  }
  free(): void {
    this.calls.push(['free'])
  }
  adopt(session: string, lastId: number): boolean {
    this.calls.push(['adopt', session, lastId])
    return true
  }
  channel(name: string): number {
    if (!this.#names.includes(name)) this.#names.push(name)
    return this.#names.indexOf(name) + 1
  }
  numbers(): readonly number[] {
    return this.snapshot
  }

  /** Tells the application something. */
  tell(kind: number, a = 0, b = 0, c = 0, value?: unknown): void {
    this.host.event(kind, a, b, c, value)
  }
  state(state: number, cause = 0, retry = 0): void {
    this.tell(core.STATE, state, cause, retry)
  }
  /** Delivers a message of the channel with this id. */
  deliver(channel: number, event: string, payload: unknown, offset = 1, flags = 0, frame: core.Envelope = {}): void {
    this.host.message(channel, event, payload, offset, flags, frame)
  }
  /** The calls of one name. */
  of(name: string): unknown[][] {
    return this.calls.filter((call) => call[0] === name).map((call) => call.slice(1))
  }

  #refused(): number {
    const { refusal } = this
    this.refusal = 0
    return -refusal
  }
}

/** A client on a fake core that was not made yet. */
export function createFake<Events extends object = EventMap>(
  options: Partial<ClientOptions> = {},
  load: LoadCore = () => FakeCore,
): Client<Events> {
  return new TautlineClient({ url: 'ws://localhost/', ...options }, load) as unknown as Client<Events>
}

/** A client that is connected, and its core. */
export function connectFake<Events extends object = EventMap>(
  options: Partial<ClientOptions> = {},
): { client: Client<Events>; core: FakeCore } {
  const client = createFake<Events>(options)
  client.connect()
  const fake = FakeCore.last
  fake.tell(core.WELCOME, 0, 0, 0, { connection: 'c1', member: 'me', user: 'ada' })
  fake.state(2)
  return { client, core: fake }
}
