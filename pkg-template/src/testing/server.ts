/** The server: who is connected, what is kept, and what goes wrong on demand. */
import type { RegisteredEvents, Unsubscribe } from '../events.ts'
import { Channel } from './channel.ts'
import { Connection, type ConnectionOwner, type FakeConnection, type Session } from './connection.ts'
import { type FakeMember, Member } from './member.ts'
import type { FakeMessage, FakeServer, FakeServerOptions, JoinOptions, RequestHandler, Said } from './options.ts'
import { type Refusable, type Refusal, Refusals } from './refusals.ts'
import { createSocketClass, type FakeSocket, type Peer } from './socket.ts'

/** How many turns of microtasks without a frame count as silence: more than token and URL functions take that do not wait. */
const CALM_TURNS = 50

/** The one that is in the place of the global `WebSocket`. */
let installed: Server | undefined

/**
 * Makes a server in this process and puts it in the place of the global `WebSocket`, until `close`. There can be one at a time.
 *
 * @example
 * const server = createFakeServer<Events>()
 * afterEach(() => server.close())
 *
 * @throws {Error} if another one was not closed
 */
export function createFakeServer<Events extends object = RegisteredEvents>(options: FakeServerOptions = {}): FakeServer<Events> {
  if (installed) throw new Error('createFakeServer: another fake server is still there. Call its close(), such as in afterEach.')
  installed = new Server(options)
  return installed as unknown as FakeServer<Events>
}

type AnyEvents = Record<string, unknown>

/** The server behind the interface. */
class Server implements FakeServer<AnyEvents>, Peer, ConnectionOwner {
  declare [Symbol.dispose]: () => void
  readonly url = 'ws://fake.test/ws'
  readonly refusals: Refusals = new Refusals()
  readonly requests: Map<string, RequestHandler> = new Map()
  readonly #options: FakeServerOptions
  readonly #before = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket')
  readonly #connections = new Map<FakeSocket, Connection>()
  readonly #channels = new Map<string, Channel>()
  readonly #sessions = new Map<string, Session>()
  #waiting: ((connection: FakeConnection) => void)[] = []
  #held: (() => void)[] | undefined
  #reachable = true
  #flying = 0
  #members = 0

  constructor(options: FakeServerOptions) {
    this.#options = options
    const value = createSocketClass(this)
    Object.defineProperty(globalThis, 'WebSocket', { value, configurable: true, writable: true, enumerable: false })
    if (Symbol.dispose) this[Symbol.dispose] = () => this.close()
  }

  get connections(): readonly FakeConnection[] {
    return [...this.#connections.values()]
  }

  messages(channel?: string): readonly FakeMessageOf[] {
    return this.#of(channel, ({ messages }) => messages)
  }

  signals(channel?: string): readonly Said[] {
    return this.#of(channel, ({ said }) => said)
  }

  presence(channel: string): readonly { readonly id: string; readonly user?: string; readonly state: unknown }[] {
    return [...this.channel(channel).members.values()].map(({ version: _, ...member }) => member)
  }

  async settle(): Promise<void> {
    for (let calm = 0; calm < CALM_TURNS; calm++) {
      await undefined
      if (this.#flying > 0) calm = 0
    }
  }

  connection(): Promise<FakeConnection> {
    const newest = [...this.#connections.values()].filter(({ ready }) => ready).at(-1)
    return newest ? Promise.resolve(newest) : new Promise((resolve) => this.#waiting.push(resolve))
  }

  publish(channel: string, event: string, payload: unknown): void {
    this.channel(channel).publish(undefined, { event, payload }, () => {})
  }

  join(name: string, { id, user, state }: JoinOptions = {}): FakeMember {
    const sender = ++this.#members
    const channel = this.channel(name)
    const member = new Member(channel, { member: id ?? `member-${sender}`, user, sender })
    if (state !== undefined) member.update(state)
    return member
  }

  onRequest(event: string, handler: RequestHandler): void {
    this.requests.set(event, handler)
  }

  refuse(what: Refusable, refusal: Refusal): Unsubscribe {
    return this.refusals.add(what, refusal)
  }

  drop(code?: number): void {
    for (const connection of this.#connections.values()) connection.close(code)
  }

  down(): void {
    this.#reachable = false
    this.drop()
  }

  up(): void {
    this.#reachable = true
  }

  hold(): void {
    this.#held ??= []
  }

  release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const task of held) this.later(task)
  }

  gap(channel: string, missed = 1): void {
    this.channel(channel).gap(missed)
  }

  close(): void {
    if (installed !== this) return
    installed = undefined
    this.#connections.clear()
    if (this.#before) Object.defineProperty(globalThis, 'WebSocket', this.#before)
    else Reflect.deleteProperty(globalThis, 'WebSocket')
  }

  // What sockets ask.

  later(task: () => void): void {
    this.#flying += 1
    void Promise.resolve().then(() => {
      this.#flying -= 1
      task()
    })
  }

  handleOpen(socket: FakeSocket): boolean {
    if (!this.#reachable || installed !== this) return false
    const connection = new Connection(this, socket)
    this.#connections.set(socket, connection)
    return true
  }

  handleData(socket: FakeSocket, data: unknown): void {
    this.#connections.get(socket)?.handle(data)
  }

  handleClose(socket: FakeSocket): void {
    this.#connections.get(socket)?.gone(true)
    this.#connections.delete(socket)
  }

  // What connections ask.

  say(task: () => void): void {
    if (this.#held) this.#held.push(task)
    else this.later(task)
  }

  isReady(connection: Connection): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve(connection)
  }

  ended(socket: FakeSocket): void {
    this.#connections.delete(socket)
  }

  authenticate(token: string | undefined): { user: string | undefined } | undefined {
    const { authenticate } = this.#options
    if (!authenticate) return { user: undefined }
    const user = authenticate(token)
    return user === undefined ? undefined : { user }
  }

  session(name: string, user: string | undefined): { session: Session; resumed: boolean } {
    const known = this.#sessions.get(name)
    const sender = known?.sender ?? ++this.#members
    const session = { member: `member-${sender}`, sender, answers: known?.answers ?? new Map<number, never>(), user }
    this.#sessions.set(name, session)
    // A newer connection of a session takes the place of the older one.
    for (const other of this.#connections.values()) if (other.member === session.member) other.close(4409)
    return { session, resumed: known !== undefined }
  }

  channel(name: string): Channel {
    let channel = this.#channels.get(name)
    if (!channel) this.#channels.set(name, (channel = new Channel(name)))
    return channel
  }

  channels(): Iterable<Channel> {
    return this.#channels.values()
  }

  #of<Item>(channel: string | undefined, pick: (channel: Channel) => readonly Item[]): readonly Item[] {
    return channel === undefined ? [...this.#channels.values()].flatMap(pick) : pick(this.channel(channel))
  }
}

type FakeMessageOf = FakeMessage<AnyEvents>
