/** One socket and the components that hear it. */
import { hold } from '../store.ts'
import { TautlineSocket } from '../../websocket/socket.ts'
import { checkUrl, errorEvent } from '../../websocket/standard.ts'
import { guard } from './guard.ts'
import { type Options, socketOptions, type UrlSource, withQuery } from './options.ts'
import { ReadyState } from './state.ts'

/** What a component wants to be connected to. Two with the same `share` are one. */
export interface Target {
  readonly url: UrlSource
  readonly query: string
  /** With commas, as on the wire. */
  readonly protocols: string
  readonly share: boolean
}

/** One component. */
export interface Subscriber {
  /** Its options as of now. */
  readonly options: () => Options
  readonly state: (state: ReadyState) => void
  readonly message: (event: MessageEvent) => void
}

/** Those that are shared. Functions are told apart by their identity. */
const shared = new Map<string, Map<UrlSource, Link>>()
const own = new WeakMap<Target, Link>()

/** The link to a target: the one that is there, or a new one. */
export function linkTo(target: Target): Link {
  const { url, query, protocols, share } = target
  if (!share) {
    const link = own.get(target) ?? new Link(target, () => own.delete(target))
    own.set(target, link)
    return link
  }
  const rest = `${query}\n${protocols}`
  const links = shared.get(rest) ?? new Map<UrlSource, Link>()
  shared.set(rest, links)
  const link = links.get(url) ?? new Link(target, () => links.delete(url))
  links.set(url, link)
  return link
}

export class Link {
  socket: TautlineSocket | undefined
  readonly #target: Target
  readonly #forget: () => void
  readonly #subscribers = new Set<Subscriber>()
  /** There can be no socket: of this URL, or at all. */
  #impossible = false
  #guarded: WebSocket | undefined

  constructor(target: Target, forget: () => void) {
    this.#target = target
    this.#forget = forget
  }

  get readyState(): ReadyState {
    return this.#impossible ? ReadyState.CLOSED : (this.socket?.readyState ?? ReadyState.CONNECTING)
  }

  /** The socket for the application: all of it, or if it is shared, what harms no other. */
  get exposed(): WebSocket | null {
    if (!this.socket) return null
    if (!this.#target.share) return this.socket
    this.#guarded ??= guard(this.socket)
    return this.#guarded
  }

  /** Hears it from now on. The first one connects it, and the last one closes it. */
  subscribe(subscriber: Subscriber): () => void {
    this.#subscribers.add(subscriber)
    const release = hold(this, () => this.#begin(subscriber.options()))
    subscriber.state(this.readyState)
    return () => {
      this.#subscribers.delete(subscriber)
      release()
    }
  }

  #begin(options: Options): () => void {
    try {
      return this.#open(options)
    } catch (error) {
      // Thrown in an effect it would take the page down.
      this.#impossible = true
      this.#each(({ options }) => options().onError?.(errorEvent(error)))
      return this.#forget
    }
  }

  #open(options: Options): () => void {
    const { url, query, protocols } = this.#target
    const { reconnectAttempts = 20, reconnectInterval } = options
    const spaced = typeof reconnectInterval === 'function' ? reconnectInterval : undefined
    let attempts = 0
    let timer: ReturnType<typeof setTimeout> | undefined
    const tell = (): void => this.#each(({ state }) => state(socket.readyState))
    /** What is to come after the connection that is just ending. */
    let next: 'nothing' | 'attempt' | 'stop' = 'nothing'

    if (typeof url !== 'function') checkUrl(withQuery(url, query))
    const socket: TautlineSocket = new TautlineSocket(
      async () => {
        // An attempt begins.
        tell()
        return withQuery(typeof url === 'function' ? await url() : url, query)
      },
      protocols === '' ? [] : protocols.split(','),
      {
        ...socketOptions(options),
        shouldReconnectOnClose: (event): boolean => {
          const failed = socket.readyState === ReadyState.CONNECTING
          const wanted = this.#some(({ shouldReconnect, retryOnError = false }) => (failed && retryOnError) || shouldReconnect?.(event) === true)
          const made = spaced ? attempts : socket.retryCount - 1
          next = !wanted ? 'nothing' : made >= reconnectAttempts ? 'stop' : 'attempt'
          return next === 'attempt' && !spaced
        },
      },
    )
    this.socket = socket
    socket.addEventListener('open', (event) => {
      attempts = 0
      tell()
      this.#each(({ options }) => options().onOpen?.(event))
    })
    socket.addEventListener('message', (event) => this.#each(({ message }) => message(event)))
    for (const type of ['error', 'drop'] as const) {
      socket.addEventListener(type, (event: Event) => this.#each(({ options }) => options().onError?.(event)))
    }
    socket.addEventListener('close', (event) => {
      const then = next
      next = 'nothing'
      tell()
      this.#each(({ options }) => options().onClose?.(event))
      if (then === 'stop') this.#each(({ options }) => options().onReconnectStop?.(reconnectAttempts))
      if (then === 'attempt' && spaced) {
        timer = setTimeout(() => socket.reconnect(), spaced(attempts++))
      }
    })
    return () => {
      clearTimeout(timer)
      this.#forget()
      this.socket = undefined
      socket.close()
    }
  }

  /** One that throws harms no other. */
  #each(call: (subscriber: Subscriber) => void): void {
    for (const subscriber of [...this.#subscribers]) {
      try {
        call(subscriber)
      } catch (error) {
        if (typeof reportError === 'function') reportError(error)
        else console.error(error)
      }
    }
  }

  #some(ask: (options: Options) => boolean): boolean {
    return [...this.#subscribers].some(({ options }) => ask(options()))
  }
}
