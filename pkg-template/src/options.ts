/** What a client can be told, and the check of it. Every default stands here and nowhere else. */
import type { CoreOptions } from './core.ts'
import { invalid, kindOf } from './error.ts'
import { checkUrl } from './url.ts'

/** Where to connect: a `ws:`, `wss:`, `http:` or `https:` URL, or one relative to the page. */
export type UrlSource = string | URL | (() => string | URL | Promise<string | URL>)

/**
 * Why a token is asked for. `connect`: a connection is being made. `refresh`: the present one expires soon, or
 * `refreshToken` was called. `refused`: the server did not accept the last one; give a fresh one, not a cached one.
 */
export type TokenReason = 'connect' | 'refresh' | 'refused'

/** The token, or a function that fetches one; it is asked at every attempt, never twice at once. */
export type TokenSource = string | ((why: TokenReason) => Token | Promise<Token>)

/** A token, or nothing for a server that wants none. */
export type Token = string | null | undefined

/** Options of {@link createClient}. Times are in milliseconds. */
export interface ClientOptions {
  /** Where to connect. A function is asked at every attempt. */
  readonly url: UrlSource
  /** The token for the server. Default: none. It never appears in logs, errors or the URL. */
  readonly token?: TokenSource | undefined
  /** How long the `url` and `token` functions may take. Default 15,000. */
  readonly resolveTimeoutMs?: number | undefined
  /** How long a socket may take to open. Default 10,000; browsers alone wait up to 4 minutes. */
  readonly connectTimeoutMs?: number | undefined
  /** How long the server may take to welcome us after that. Default 10,000. */
  readonly handshakeTimeoutMs?: number | undefined
  /** How long the oldest sent message may stay unacknowledged, since it became the oldest, before the link counts as broken. Default 20,000. */
  readonly ackTimeoutMs?: number | undefined
  /** How long a request may take when the call does not say. Default 10,000. */
  readonly requestTimeoutMs?: number | undefined
  /** How long a subscription may go unanswered before it is asked for again. Default 10,000. */
  readonly subscribeTimeoutMs?: number | undefined
  /** The waits between attempts. */
  readonly backoff?: BackoffOptions | undefined
  /** Overrides of what the server says about heartbeats. */
  readonly heartbeat?: HeartbeatOptions | undefined
  /** Bounds of the queue of messages that are not yet acknowledged. */
  readonly queue?: QueueOptions | undefined
  /** A limit of the application's own on what it sends; the server's holds as well. Messages beyond it wait. Default: none. */
  readonly rateLimit?: RateLimitOptions | undefined
  /**
   * Names this client to the server over reconnects. A secret of 16 to 64 of `[A-Za-z0-9_-]`; never give one to two living
   * clients. Default: random, which is what nearly all want.
   */
  readonly session?: string | undefined
  /** Looks at what the server sends before any listener does: see {@link Validate}, and `schemas` of `tautline/schema`. Default: nobody does. */
  readonly validate?: Validate | undefined
}

/**
 * Gives the payload as listeners hear it, live and from history, or throws: then nobody hears the message, and `problem` tells
 * `peer/invalid-payload` with what was thrown as its `cause`.
 */
export type Validate = (event: string, payload: unknown) => unknown

/** Each wait is random between 0 and a ceiling that grows: `minMs · factor^n`, at most `maxMs`. */
export interface BackoffOptions {
  /** The ceiling of the first wait. Default 500. */
  readonly minMs?: number | undefined
  /** The ceiling of every later wait. Default 20,000. */
  readonly maxMs?: number | undefined
  /** What the ceiling grows by. Default 2. */
  readonly factor?: number | undefined
  /** How long a connection must hold before attempts are counted from zero again. Default 5,000. */
  readonly stableMs?: number | undefined
  /** How many attempts follow the curve; then one comes every `slowMs`, without end. Default 15. */
  readonly fastAttempts?: number | undefined
  /** The wait after the fast attempts, and while the browser is offline. Default 60,000. */
  readonly slowMs?: number | undefined
}

/** See {@link ClientOptions.heartbeat}. */
export interface HeartbeatOptions {
  /** The time between beats. Default 0: what the server says. */
  readonly intervalMs?: number | undefined
  /** How long an answer may take. Default 0: what the server says. */
  readonly timeoutMs?: number | undefined
  /** How long it may take when there is reason to doubt the link, as after sleep. Default 4,000: the user is looking. */
  readonly probeMs?: number | undefined
}

/** See {@link ClientOptions.queue}. */
export interface QueueOptions {
  /** Most messages. Default 1,000. */
  readonly max?: number | undefined
  /** Most bytes of payload; for JSON its characters are counted. Default 4 MiB. */
  readonly maxBytes?: number | undefined
  /**
   * Who loses when it is full: the new message (`'reject'`, the default: its caller hears at once), or the oldest that is not
   * on its way (`'drop-oldest'`: the newest matter most). Either fails with `dropped/overflow`.
   */
  readonly overflow?: 'reject' | 'drop-oldest' | undefined
  /**
   * Keeps unsettled messages on disk (IndexedDB), so that a reload, a crash or a closed laptop loses none: the next page of
   * this origin sends them. `true`, or a name where one origin has several clients. Each page keeps its own queue, guarded by
   * a Web Lock; what it leaves behind is taken over by one page that starts later. Disks take a moment: a crash within
   * milliseconds of `send` may still lose that message. The code for it is a file of its own,
   * downloaded when it is first needed. Default false: everything stays in memory.
   */
  readonly persist?: boolean | string | undefined
}

/** See {@link ClientOptions.rateLimit}. */
export interface RateLimitOptions {
  /** How many. */
  readonly messages: number
  /** In how long. */
  readonly perMs: number
}

/** Options after the check. */
export interface Settings {
  readonly url: UrlSource
  readonly token: TokenSource | undefined
  readonly session: string | undefined
  readonly validate: Validate | undefined
  /** The name of the queue on disk, if there is to be one. */
  readonly persist: string | undefined
  readonly core: Omit<CoreOptions, 'session' | 'seed'>
}

/** A number's default, least and most; without these two it is a wait of 1 ms to a day. */
type Bounds = readonly [fallback: number | undefined, least?: number, most?: number]

const DAY = 86_400_000

/** Fills in the defaults and refuses what makes no sense. */
export function parseOptions(given: ClientOptions): Settings {
  const top = group('', given, {
    resolveTimeoutMs: [15_000],
    connectTimeoutMs: [10_000],
    handshakeTimeoutMs: [10_000],
    ackTimeoutMs: [20_000],
    requestTimeoutMs: [10_000],
    subscribeTimeoutMs: [10_000],
  }, 'url', 'token', 'backoff', 'heartbeat', 'queue', 'rateLimit', 'session', 'validate')
  const { url, token, session, validate, rateLimit } = given
  const backoff = group('backoff', given.backoff ?? {}, {
    minMs: [500, 0],
    maxMs: [20_000],
    factor: [2, 1, 100],
    stableMs: [5_000, 0],
    fastAttempts: [15, 0, 1_000_000],
    slowMs: [60_000],
  })
  if (backoff.maxMs < backoff.minMs) invalid('backoff.maxMs', `at least backoff.minMs (${backoff.minMs})`, backoff.maxMs)
  const heartbeat = group('heartbeat', given.heartbeat ?? {}, { intervalMs: [0, 0], timeoutMs: [0, 0], probeMs: [4_000] })
  const queue = group('queue', given.queue ?? {}, { max: [1_000, 1, 1_000_000], maxBytes: [4 << 20, 1, 2 ** 31] }, 'overflow', 'persist')
  const rate = rateLimit
    ? group('rateLimit', rateLimit, { messages: [undefined, 1, 1_000_000], perMs: [undefined] })
    : { messages: 0, perMs: 0 }

  const overflow = given.queue?.overflow ?? 'reject'
  const drops = ['reject', 'drop-oldest'].indexOf(overflow)
  if (drops < 0) invalid('queue.overflow', "'reject' or 'drop-oldest'", overflow)
  const persist = given.queue?.persist ?? false
  if (persist === '' || !['boolean', 'string'].includes(typeof persist)) invalid('queue.persist', 'true, false or a name', persist)
  if (persist && session !== undefined) invalid('session', 'none, because queue.persist has its own', 'one')
  if (validate !== undefined && typeof validate !== 'function') invalid('validate', 'a function', validate)
  if (typeof url !== 'function') checkUrl(url)
  // What a token or a session looks like is never said: they are secrets.
  if (token !== undefined && typeof token !== 'string' && typeof token !== 'function') {
    invalid('token', 'a string or a function', kindOf(token))
  }
  if (session !== undefined && !(typeof session === 'string' && /^[\w-]{16,64}$/.test(session))) {
    invalid('session', '16 to 64 letters, digits, _ or -', kindOf(session))
  }
  const core = { ...top, backoff, heartbeat, queue: { ...queue, overflow: drops }, rate }
  return { url, token, session, validate, persist: persist === true ? 'default' : persist || undefined, core }
}

/** The numbers of a group of options; `others` are checked elsewhere. */
function group<Key extends string>(path: string, given: object, bounds: Record<Key, Bounds>, ...others: string[]): Record<Key, number> {
  if (typeof given !== 'object' || given === null) invalid(path || 'options', 'an object', given)
  const named = (key: string): string => (path ? `${path}.${key}` : key)
  const known = [...others, ...Object.keys(bounds)]
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) invalid(named(key), `one of ${known.join(', ')}`, 'an unknown option')
  }
  const values = {} as Record<Key, number>
  for (const key of Object.keys(bounds) as Key[]) {
    const [fallback, least = 1, most = DAY] = bounds[key]
    const value = (given as Record<string, unknown>)[key] ?? fallback
    if (!(typeof value === 'number' && value >= least && value <= most)) invalid(named(key), `a number from ${least} to ${most}`, value)
    values[key] = value
  }
  return values
}
