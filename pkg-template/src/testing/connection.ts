/** One connection, from the server's side: Tautline's protocol, frame by frame. */
import type { Channel, Hearer, Sender } from './channel.ts'
import { decodeFrame, encodeFrame, type Frame } from './frames.ts'
import type { RequestHandler } from './options.ts'
import type { Refusable, Refusals } from './refusals.ts'
import type { FakeSocket } from './socket.ts'

const SUBPROTOCOL = 'tautline.v1'
/** Larger than any test sends. */
const LIMITS = { frame: 1 << 20, rate: 10_000, per: 1000 }

/** One connection of a {@link FakeServer}. */
export interface FakeConnection {
  /** The URL that the client asked for. */
  readonly url: string
  /** The subprotocol; `''` without one. */
  readonly protocol: string
  /** The client's member id; `''` until it is welcomed, and where the protocol is not Tautline's. */
  readonly member: string
  /** The token's user. */
  readonly user: string | undefined
  /** Everything that the client sent, in order: frames as objects, or what came where the protocol is not Tautline's. */
  readonly received: readonly unknown[]
  /** Sends anything: an object as a frame, a string or bytes as they are. */
  send(data: object | string | Uint8Array<ArrayBuffer>): void
  /** Closes it with a code; 1006 cuts the line. */
  close(code?: number, reason?: string): void
}

/** What a client is to the server for as long as it lives, over all its connections. */
export interface Session extends Sender {
  readonly answers: Map<number, Frame>
}

/** What a connection needs of its server. */
export interface ConnectionOwner {
  readonly refusals: Refusals
  readonly requests: Map<string, RequestHandler>
  /** The session of this name, for this user. `resumed`: it was known. */
  session(name: string, user: string | undefined): { session: Session; resumed: boolean }
  authenticate(token: string | undefined): { user: string | undefined } | undefined
  channel(name: string): Channel
  channels(): Iterable<Channel>
  /** The client can be spoken to. */
  isReady(connection: Connection): void
  /** The line is gone. */
  ended(socket: FakeSocket): void
  /** Does it soon, in order. */
  later(task: () => void): void
  /** The same, unless the server holds its words back. */
  say(task: () => void): void
}

/** The connection behind the interface. */
export class Connection implements FakeConnection, Hearer {
  readonly received: unknown[] = []
  readonly #owner: ConnectionOwner
  readonly #socket: FakeSocket
  #session: Session | undefined
  /** The lowest message that is held back. */
  #held: { id: number; refused: Frame } | undefined

  constructor(owner: ConnectionOwner, socket: FakeSocket) {
    this.#owner = owner
    this.#socket = socket
    // Only Tautline's own protocol has a welcome to wait for.
    if (!this.#speaks) owner.later(() => owner.isReady(this))
  }

  /** Whether it can be spoken to. */
  get ready(): boolean {
    return this.#session !== undefined || !this.#speaks
  }

  get url(): string {
    return this.#socket.url
  }
  get protocol(): string {
    return this.#socket.protocol
  }
  get member(): string {
    return this.#session?.member ?? ''
  }
  get user(): string | undefined {
    return this.#session?.user
  }

  send(data: object | string | Uint8Array<ArrayBuffer>): void {
    const plain = typeof data === 'string' || data instanceof Uint8Array
    const encoded = plain ? data : encodeFrame(data as Frame)
    this.#owner.say(() => this.#socket.deliver(encoded))
  }

  close(code = 1006, reason = ''): void {
    const end = (): void => {
      this.gone(code === 1000)
      this.#owner.ended(this.#socket)
      this.#socket.end(code, reason)
    }
    // A line is cut whether the server speaks or not.
    if (code === 1006) this.#owner.later(end)
    else this.#owner.say(end)
  }

  /** The connection is over. Whoever said goodbye leaves presence at once; the others may come back. */
  gone(goodbye: boolean): void {
    for (const channel of this.#owner.channels()) {
      channel.unsubscribe(this)
      if (goodbye) channel.untrack(this.member)
    }
  }

  /** Something came. */
  handle(data: unknown): void {
    if (!this.#speaks) return void this.received.push(data)
    const frame = decodeFrame(data)
    this.received.push(frame ?? data)
    const type = frame?.['type']
    if (!frame || typeof type !== 'string') return this.#refuse({ code: 'bad-frame', message: 'expected a frame' })
    if (!this.#session) return type === 'hello' ? this.#hello(frame) : this.close(4400)
    const channel = typeof frame['channel'] === 'string' ? this.#owner.channel(frame['channel']) : undefined
    if (type === 'ping') this.send({ type: 'pong' })
    else if (type === 'refresh') this.#refresh(frame)
    else if (type === 'request') void this.#request(frame, channel)
    else if (type !== 'pong' && channel) this.#inChannel(type, frame, channel, this.#session)
  }

  /** Whether it speaks Tautline's protocol. */
  get #speaks(): boolean {
    return this.#socket.protocols[0] === SUBPROTOCOL
  }

  #hello({ session: name, token }: Frame): void {
    const known = this.#owner.authenticate(token as string | undefined)
    if (!known) {
      this.#refuse({ code: token === undefined ? 'auth-required' : 'token-invalid', message: 'the test does not know this token' })
      return this.close(4401)
    }
    const { session, resumed } = this.#owner.session(String(name), known.user)
    this.#session = session
    const { member, user } = session
    this.send({ type: 'welcome', connection: `connection-${session.sender}`, member, user, resumed, heartbeat: 25_000, timeout: 10_000, limits: LIMITS })
    this.#owner.isReady(this)
  }

  #refresh({ token }: Frame): void {
    if (this.#owner.authenticate(token as string | undefined)) return this.send({ type: 'refreshed' })
    this.#refuse({ code: 'token-invalid', message: 'the test does not know this token' })
    this.close(4401)
  }

  #inChannel(type: string, frame: Frame, channel: Channel, session: Session): void {
    if (type === 'publish') return this.#publish(frame, channel, session)
    if (type === 'unsubscribe') {
      channel.unsubscribe(this)
      return channel.untrack(session.member)
    }
    if (type === 'untrack') return channel.untrack(session.member)
    const refused = this.#owner.refusals.check(type as Refusable, frame)
    if (refused) return this.#refuse({ ...refused, channel: channel.name })
    if (type === 'subscribe') return channel.subscribe(this, frame)
    if (!channel.hears(this)) return this.#refuse({ code: 'not-subscribed', message: 'subscribe first', channel: channel.name })
    if (type === 'signal') channel.signal(session, frame)
    else if (type === 'track') channel.track(session, frame['state'])
  }

  #publish(frame: Frame, channel: Channel, session: Session): void {
    const id = Number(frame['id'])
    const known = session.answers.get(id)
    // Sent again after a reconnect.
    if (known) return this.send(known)
    if (this.#held && id > this.#held.id) return this.send({ ...this.#held.refused, id })
    this.#held = undefined
    const refused = this.#owner.refusals.check('publish', frame)
    if (refused) {
      const answer = { ...refused, id }
      if (refused['retry'] !== undefined) this.#held = { id, refused }
      else session.answers.set(id, answer)
      return this.send(answer)
    }
    channel.publish(session, frame, ({ offset, time }) => {
      const ack = { type: 'ack', id, channel: channel.name, epoch: channel.epoch, offset, time }
      session.answers.set(id, ack)
      this.send(ack)
    })
  }

  async #request(frame: Frame, channel: Channel | undefined): Promise<void> {
    const { id: request, event, payload } = frame
    const refused = this.#owner.refusals.check('request', frame)
    if (refused) return this.#refuse({ ...refused, request })
    if (event === 'history' && channel) return this.send({ type: 'reply', request, payload: channel.page(payload) })
    if (event === 'presence' && channel) return this.send({ type: 'reply', request, payload: { members: [...channel.members.values()] } })
    const handler = this.#owner.requests.get(String(event))
    try {
      if (!handler) throw new Error('the test has no answer')
      const reply = await handler(payload, { channel: channel?.name, from: this.member, user: this.user })
      this.send({ type: 'reply', request, payload: reply ?? null })
    } catch (error) {
      this.#refuse({ code: 'unknown-request', message: error instanceof Error ? error.message : String(error), request })
    }
  }

  #refuse(refused: Frame): void {
    this.send({ ...refused, type: 'refused' })
  }
}
