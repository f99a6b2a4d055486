/**
 * Watches a client for the inspector: what it tells, and the frames of its socket. In: a client. Out: a snapshot, now and then. It begins
 * when the inspector is opened first, and keeps the newest of everything.
 */
import type { Client } from '../../../client.ts'
import type { EventMap } from '../../../events.ts'
import type { ConnectionInfo, ConnectionStats } from '../../../info.ts'
import type { ConnectionState, ConnectionStatus } from '../../../state.ts'
import { redactFrame, redactUrl, type Seen } from './redact.ts'
import { Ring } from './ring.ts'

/** One frame. */
export interface RecordedFrame extends Seen {
  /** Counts up. */
  readonly number: number
  /** When, in milliseconds since 1970. */
  readonly at: number
  readonly direction: 'in' | 'out'
  /** Bytes of binary frames, characters of others. */
  readonly size: number
  readonly binary: boolean
}

/** One state. */
export interface RecordedState {
  readonly at: number
  readonly status: ConnectionStatus
  /** The code of why. */
  readonly cause: string | undefined
}

/** Something that the client told. */
export interface RecordedNote {
  readonly at: number
  readonly what: string
  readonly channel: string | undefined
}

/** What a connection that is not there yet waits for. */
export type Step = 'url and token' | 'socket' | 'welcome' | undefined

/** Everything there is to show. */
export interface Snapshot {
  /** When it was taken. */
  readonly at: number
  readonly state: ConnectionState
  readonly step: Step
  readonly info: ConnectionInfo
  readonly stats: ConnectionStats
  /** Of the present or last socket. */
  readonly url: string
  /** What that has not sent yet, in bytes. */
  readonly bufferedBytes: number
  /** When the token ends. */
  readonly tokenUntil: number | undefined
  /** When a heartbeat was answered last. */
  readonly beatAt: number | undefined
  readonly states: readonly RecordedState[]
  readonly frames: readonly RecordedFrame[]
  /** How many frames there ever were. */
  readonly frameCount: number
  readonly latencies: readonly number[]
  readonly notes: readonly RecordedNote[]
}

/** How often what nothing tells is read, in milliseconds. */
const EVERY_MS = 500
const CONNECTING = 0
const OPEN = 1

/** One per client that is inspected. */
export class Recorder {
  readonly #client: Client<EventMap>
  readonly #states = new Ring<RecordedState>(50)
  readonly #frames = new Ring<RecordedFrame>(200)
  readonly #latencies = new Ring<number>(60)
  readonly #notes = new Ring<RecordedNote>(100)
  readonly #changed = new Set<() => void>()
  readonly #ends: (() => void)[] = []
  #beatAt: number | undefined
  #tokenUntil: number | undefined
  #snapshot: Snapshot
  #soon: ReturnType<typeof setTimeout> | undefined
  #untap = (): void => {}

  constructor(client: Client<EventMap>) {
    this.#client = client
    this.#snapshot = this.#take()
  }

  /** Begins. The result ends it. */
  start(): () => void {
    const { state, socket } = this.#client
    if (state.since !== this.#states.items.at(-1)?.at) this.#state(state)
    if (socket) this.#tap(socket)
    const timer = setInterval(() => this.#refresh(), EVERY_MS)
    this.#ends.push(...this.#listen(), () => clearInterval(timer), () => this.#untap(), () => clearTimeout(this.#soon))
    this.#refresh()
    return () => {
      for (const end of this.#ends.splice(0)) end()
    }
  }

  readonly get = (): Snapshot => this.#snapshot

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#changed.add(changed)
    return () => this.#changed.delete(changed)
  }

  #listen(): (() => void)[] {
    const client = this.#client
    return [
      client.onConnectionStateChange((state) => this.#state(state)),
      client.onLifecycle('socket', (socket) => this.#tap(socket)),
      client.onLifecycle('latency', ({ ms }) => {
        this.#beatAt = Date.now()
        this.#latencies.push(ms)
      }),
      client.onLifecycle('token', ({ expiresInMs }) => {
        this.#tokenUntil = expiresInMs === undefined ? undefined : Date.now() + expiresInMs
        this.#note('token accepted')
      }),
      client.onLifecycle('welcome', ({ resumed }) => this.#note(resumed ? 'welcome, resumed' : 'welcome')),
      client.onLifecycle('subscribed', ({ channel, recovered, replaying }) =>
        this.#note(recovered ? `subscribed, ${replaying} missed messages follow` : 'subscribed, messages may be missing', channel),
      ),
      client.onLifecycle('gap', ({ channel, lastOffset, nextOffset }) => this.#note(`gap after ${lastOffset}, before ${nextOffset}`, channel)),
      client.onLifecycle('problem', ({ error, channel }) => this.#note(`problem ${error.code}`, channel)),
      client.onLifecycle('listenerError', ({ channel }) => this.#note('a listener threw', channel)),
      client.onLifecycle('restored', ({ messages }) => this.#note(`${messages.length} messages restored`)),
    ]
  }

  #state({ since, status, cause }: ConnectionState): void {
    this.#states.push({ at: since, status, cause: cause?.code })
    this.#later()
  }

  #note(what: string, channel?: string): void {
    this.#notes.push({ at: Date.now(), what, channel })
    this.#later()
  }

  /** Sees the frames of a socket, without being in their way. */
  #tap(socket: WebSocket): void {
    this.#untap()
    const heard = ({ data }: MessageEvent): void => this.#frame('in', data)
    const closed = ({ code, wasClean }: CloseEvent): void => this.#note(`socket closed, ${code}${wasClean ? '' : ', not cleanly'}`)
    const { send: before } = socket
    const send: WebSocket['send'] = (data) => {
      this.#frame('out', data)
      before.call(socket, data)
    }
    socket.addEventListener('message', heard)
    socket.addEventListener('close', closed)
    socket.send = send
    this.#untap = () => {
      socket.removeEventListener('message', heard)
      socket.removeEventListener('close', closed)
      if (socket.send === send) socket.send = before
    }
    this.#later()
  }

  #frame(direction: RecordedFrame['direction'], data: unknown): void {
    const text = typeof data === 'string'
    const size = text ? data.length : ((data as ArrayBuffer).byteLength ?? 0)
    this.#frames.push({ ...redactFrame(data), number: this.#frames.count + 1, at: Date.now(), direction, size, binary: !text })
    this.#later()
  }

  /** Once for all that happens together. */
  #later(): void {
    this.#soon ??= setTimeout(() => this.#refresh(), 50)
  }

  #refresh(): void {
    clearTimeout(this.#soon)
    this.#soon = undefined
    this.#snapshot = this.#take()
    for (const changed of [...this.#changed]) changed()
  }

  #take(): Snapshot {
    const client = this.#client
    const { socket, state } = client
    return {
      at: Date.now(),
      state,
      step: stepOf(state, socket),
      info: client.getConnectionInfo(),
      stats: client.getStats(),
      url: socket ? redactUrl(socket.url) : '',
      bufferedBytes: socket?.bufferedAmount ?? 0,
      tokenUntil: this.#tokenUntil,
      beatAt: this.#beatAt,
      states: this.#states.items,
      frames: this.#frames.items,
      frameCount: this.#frames.count,
      latencies: this.#latencies.items,
      notes: this.#notes.items,
    }
  }
}

function stepOf({ status, retryInMs = 0, since }: ConnectionState, socket: WebSocket | undefined): Step {
  if (status !== 'connecting' && (status !== 'reconnecting' || since + retryInMs > Date.now())) return undefined
  return socket?.readyState === CONNECTING ? 'socket' : socket?.readyState === OPEN ? 'welcome' : 'url and token'
}
