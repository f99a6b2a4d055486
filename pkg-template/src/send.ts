/** One message on its way out: its status, its outcome, and how to take it back. */
import type { TautlineError } from './error.ts'
import { Emitter, type EmitterOwner } from './emitter.ts'
import type { ListenOptions, Unsubscribe } from './events.ts'

/**
 * `queued`: waits for a connection or for its turn. `sent`: went over the socket. `acked`: the server has it; final.
 * `failed`: it will not arrive, or nobody can tell; final. For volatile messages, and where the server does not acknowledge,
 * `sent` is final: it left, and whether it arrived nobody says.
 * A sent message whose connection is lost is `queued` again.
 */
export type SendStatus = 'queued' | 'sent' | 'acked' | 'failed'

/** The server's word that it has a message; or ours that it left, where nobody says more. */
export interface Receipt {
  /** `'acked'`: the server has it. `'sent'`: it left, and is lost if the connection died just then. */
  readonly status: 'acked' | 'sent'
  /** The message's number, see {@link SendHandle.id}. */
  readonly id: number
  /** Its channel. */
  readonly channel: string
  /** Which history it stands in; `''` unless acked. */
  readonly epoch: string
  /** Its place in the channel; 0 unless acked. */
  readonly offset: number
  /** When the server took it, in milliseconds since 1970; unless acked, when it left by the local clock. */
  readonly time: number
}

/** Options of `send`. */
export interface SendOptions {
  /** For how long it is worth sending, in milliseconds; then it fails with `dropped/expired`. Default: for ever. */
  readonly ttlMs?: number | undefined
  /** Now or never: no queue, no acknowledgement. Needs a subscription. Default false. */
  readonly volatile?: boolean | undefined
  /** Takes the message back when it aborts, as {@link SendHandle.cancel} does. */
  readonly signal?: AbortSignal | undefined
}

/** Options of {@link Channel.signal}. */
export interface SignalOptions {
  /** For how long it means anything, in milliseconds; passed on to those who hear it. Default: not said. */
  readonly ttlMs?: number | undefined
}

/** A message that was handed over. */
export interface SendHandle {
  /**
   * Its number, counting up for this client: {@link Message.id} where it arrives. 0 until it is in the queue: while a `Blob`
   * is being read, and for ever if it never got there.
   */
  readonly id: number
  /** How far it is. */
  readonly status: SendStatus
  /** Why it failed. */
  readonly error: TautlineError | undefined
  /**
   * Its outcome: resolves when the server has it (`status` says so; else when it left), rejects with a {@link TautlineError} when it failed.
   * It may be ignored: no unhandled rejection comes of it.
   */
  readonly receipt: Promise<Receipt>
  /** Hears every change of `status`. */
  onStatus(listener: (status: SendStatus, handle: SendHandle) => void, options?: ListenOptions): Unsubscribe
  /** Takes it back: true if it was still possible, and then it fails with `dropped/cancelled`. */
  cancel(): boolean
}

/** What a handle needs of those who keep it. */
export interface Keeper extends EmitterOwner {
  cancel(handle: Outgoing): boolean
}

/** The handle's own side: what the client does with it. */
export class Outgoing implements SendHandle {
  id = 0
  status: SendStatus = 'queued'
  error: TautlineError | undefined
  readonly channel: string
  /** Whether it was sent at all. */
  attempted = false
  /** Called once it is settled. */
  settledBy: (() => void) | undefined
  /** Its frame, where the core does not keep what it says. */
  frame: string | undefined
  #receipt: Receipt | undefined
  #promise: Promise<Receipt> | undefined
  #settle: (() => void) | undefined
  #listeners: Emitter | undefined
  readonly #keeper: Keeper

  constructor(channel: string, keeper: Keeper) {
    this.channel = channel
    this.#keeper = keeper
  }

  get settled(): boolean {
    return this.#receipt !== undefined || this.error !== undefined
  }

  // Made when it is asked for: most callers never do.
  get receipt(): Promise<Receipt> {
    if (!this.#promise) {
      this.#promise = new Promise((resolve, reject) => {
        this.#settle = () => {
          if (this.#receipt) resolve(this.#receipt)
          else if (this.error) reject(this.error)
        }
        this.#settle()
      })
      this.#promise.catch(() => {})
    }
    return this.#promise
  }

  onStatus(listener: (status: SendStatus, handle: SendHandle) => void, options?: ListenOptions): Unsubscribe {
    this.#listeners ??= new Emitter(this.#keeper, this.channel)
    return this.#listeners.on('status', listener as never, options)
  }

  cancel(): boolean {
    return !this.settled && this.#keeper.cancel(this)
  }

  /** Moves on; an outcome makes it final. */
  turn(status: SendStatus, outcome?: Receipt | TautlineError): void {
    if (this.settled) return
    this.status = status
    this.attempted ||= status === 'sent'
    if (outcome) {
      if ('code' in outcome) this.error = outcome
      else this.#receipt = outcome
      this.frame = undefined
      this.#settle?.()
      this.settledBy?.()
    }
    this.#listeners?.emit('status', status, this)
  }
}
