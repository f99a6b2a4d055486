/**
 * Where each setting comes from: the option, `configure`, `window.__ENV`, what the build inlined, or the default, in this order. Not
 * here: what is done with it (create.ts).
 */
import { invalid } from '../error.ts'
import { readInlined, type Variable } from './inlined.ts'

/** Settings that environment variables give where the application does not. Docs: docs/env.md. */
export interface EnvSettings {
  /**
   * Whether the server is a Discord-style chat server (`presets.chat`), and not a plain one. `NEXT_PUBLIC_USE_DISCORD_CLIENT`. Default:
   * true in production (`NODE_ENV`), else false.
   */
  readonly useDiscordClient?: boolean | undefined
  /**
   * The time between heartbeats, in milliseconds, where the server does not say another. `NEXT_PUBLIC_WEBSOCKET_HEARTBEAT_INTERVAL`.
   * Default 30,000.
   */
  readonly heartbeatIntervalMs?: number | undefined
  /**
   * How long a socket may take to open, and the server to welcome us, in milliseconds each. `NEXT_PUBLIC_WEBSOCKET_CONNECTION_TIMEOUT`.
   * Default 60,000; less finds a server that hangs sooner.
   */
  readonly connectionTimeoutMs?: number | undefined
  /** How often to try again before giving up. `NEXT_PUBLIC_WEBSOCKET_MAX_RECONNECT_ATTEMPTS`. Default 15; `Infinity` for ever. */
  readonly maxReconnectAttempts?: number | undefined
  /** Most messages in the queue. `NEXT_PUBLIC_WEBSOCKET_MESSAGE_QUEUE_SIZE`. Default 1,000. */
  readonly messageQueueSize?: number | undefined
}

/**
 * Where a setting comes from. `option`: the call's. `configure`: {@link configure}. `runtime`: `window.__ENV`. `build`: inlined by the
 * bundler, or the environment of a server. `default`: nobody said anything, or nothing that makes sense.
 */
export type EnvOrigin = 'option' | 'configure' | 'runtime' | 'build' | 'default'

/** A setting and where it comes from. */
export interface ResolvedSetting<Value> {
  readonly value: Value
  readonly from: EnvOrigin
}

/** Every setting, see {@link resolveEnv}. */
export type ResolvedEnv = {
  readonly [Key in keyof EnvSettings]-?: ResolvedSetting<NonNullable<EnvSettings[Key]>>
}

type Key = keyof EnvSettings

interface Rule {
  readonly variable: Variable
  readonly expected: string
  /** From text; undefined: makes no sense. */
  read(text: string): unknown
  accepts(value: unknown): boolean
}

const DAY = 86_400_000
const WORDS: ReadonlyMap<string, boolean> = new Map([['true', true], ['1', true], ['yes', true], ['false', false], ['0', false], ['no', false]])

const RULES: Readonly<Record<Key, Rule>> = {
  useDiscordClient: {
    variable: 'USE_DISCORD_CLIENT',
    expected: 'true, 1, yes, false, 0 or no',
    read: (text) => WORDS.get(text.toLowerCase()),
    accepts: (value) => typeof value === 'boolean',
  },
  heartbeatIntervalMs: whole('WEBSOCKET_HEARTBEAT_INTERVAL', DAY),
  connectionTimeoutMs: whole('WEBSOCKET_CONNECTION_TIMEOUT', DAY),
  maxReconnectAttempts: {
    ...whole('WEBSOCKET_MAX_RECONNECT_ATTEMPTS', 1_000_000),
    // 0 is no retry at all and has to be meant: in a variable it is more often a mistake.
    accepts: (value) => value === Infinity || isWhole(value, 0, 1_000_000),
  },
  messageQueueSize: whole('WEBSOCKET_MESSAGE_QUEUE_SIZE', 1_000_000),
}
const KEYS = Object.keys(RULES) as Key[]

let configured: EnvSettings = {}
const warned = new Set<string>()

/**
 * Gives settings for all clients that are made from now on; an option of the call goes before them, environment variables behind.
 * A second call adds to the first; `undefined` takes back.
 *
 * @throws {TautlineError} `misuse/invalid-option`
 */
export function configure(settings: EnvSettings): void {
  check('configure: ', settings)
  configured = { ...configured, ...settings }
}

/**
 * The settings as a client made now with these options would have them, each with where it comes from: for debugging, and for showing.
 *
 * @throws {TautlineError} `misuse/invalid-option`
 */
export function resolveEnv(options: EnvSettings = {}): ResolvedEnv {
  check('', options)
  const resolved = KEYS.map((key) => [key, Object.freeze(resolve(key, options))])
  return Object.freeze(Object.fromEntries(resolved)) as ResolvedEnv
}

/** The options of {@link resolveEnv} among others, apart from them. */
export function splitSettings<Others extends object>({
  useDiscordClient, heartbeatIntervalMs, connectionTimeoutMs, maxReconnectAttempts, messageQueueSize, ...others
}: EnvSettings & Others): [settings: EnvSettings, others: Omit<Others, Key>] {
  return [{ useDiscordClient, heartbeatIntervalMs, connectionTimeoutMs, maxReconnectAttempts, messageQueueSize }, others as Omit<Others, Key>]
}

function resolve(key: Key, options: EnvSettings): ResolvedSetting<unknown> {
  if (options[key] !== undefined) return { value: options[key], from: 'option' }
  if (configured[key] !== undefined) return { value: configured[key], from: 'configure' }
  const { variable, expected, read, accepts } = RULES[key]
  const name = `NEXT_PUBLIC_${variable}`
  for (const [from, said] of [['runtime', readRuntime(name)], ['build', readInlined(variable)]] as const) {
    const text = typeof said === 'number' || typeof said === 'boolean' ? String(said) : said
    // An empty line in an .env file says nothing.
    if (text === undefined || text === null || text === '') continue
    const value = typeof text === 'string' ? read(text.trim()) : undefined
    if (value !== undefined && accepts(value)) return { value, from }
    warn(name, expected, text)
    break
  }
  return { value: fallback(key), from: 'default' }
}

function fallback(key: Key): unknown {
  return {
    useDiscordClient: readInlined('NODE_ENV') === 'production',
    heartbeatIntervalMs: 30_000,
    connectionTimeoutMs: 60_000,
    maxReconnectAttempts: 15,
    messageQueueSize: 1_000,
  }[key]
}

/** What the server of the page says at run time, as next-runtime-env and its like do. */
function readRuntime(name: string): unknown {
  try {
    const env = (globalThis as { __ENV?: unknown }).__ENV
    return typeof env === 'object' && env !== null && Object.hasOwn(env, name) ? (env as Record<string, unknown>)[name] : undefined
  } catch {
    return undefined
  }
}

function check(path: string, settings: EnvSettings): void {
  for (const key of KEYS) {
    const value = settings[key]
    if (value !== undefined && !RULES[key].accepts(value)) invalid(path + key, key === 'useDiscordClient' ? 'true or false' : RULES[key].expected, value)
  }
}

function whole(variable: Variable, most: number): Rule {
  return {
    variable,
    expected: `a whole number from 1 to ${most}`,
    read: (text) => (/^\d+$/.test(text) && isWhole(Number(text), 1, most) ? Number(text) : undefined),
    accepts: (value) => isWhole(value, 1, most),
  }
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
}

function warn(name: string, expected: string, came: unknown): void {
  if (warned.has(name)) return
  warned.add(name)
  const shown = typeof came === 'string' ? `"${came.slice(0, 60)}"` : typeof came
  console.warn(`tautline: ${name}: expected ${expected}; came: ${shown}. The default is taken.`)
}
