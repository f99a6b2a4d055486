/** `createClientFromEnv`: one client, for the plain server or the Discord-style one, as the environment says. */
import type { RegisteredEvents } from '../events.ts'
import { dialectOf, loadCore } from '../json/create.ts'
import { presets } from '../json/presets.ts'
import type { JsonClientOptions, JsonProtocol } from '../json/protocol.ts'
import type { UrlSource } from '../options.ts'
import { checkUrl } from '../url.ts'
import { type EnvClient, type Making, SwitchingClient } from './client.ts'
import { type EnvSettings, resolveEnv, splitSettings } from './resolve.ts'

const DAY = 86_400_000

/**
 * Options of {@link createClientFromEnv}: settings that go before the environment's, and all other options of a client. Those that say the
 * same more closely (`heartbeat.intervalMs`, `connectTimeoutMs`, `handshakeTimeoutMs`, `queue.max`) go before both.
 */
export interface EnvClientOptions extends Omit<JsonClientOptions, 'protocol'>, EnvSettings {
  /** What the plain server speaks. Default: {@link presets}`.channels`. */
  readonly plain?: JsonProtocol | undefined
  /** What the Discord-style server speaks. Default: {@link presets}`.chat`. */
  readonly discord?: JsonProtocol | undefined
  /** Where the Discord-style server is. Default: the same `url`. */
  readonly discordUrl?: UrlSource | undefined
  /**
   * Goes over to the other kind of server where the first does not work out: it took the connection and did not welcome us in time,
   * or the state is `failed`, and none welcomed us since `connect`. Once; and not where it refused the token or this client. Default
   * false: a plain server that welcomes nobody (`presets.channels`) takes what is said to it, so it has to be the right one.
   */
  readonly fallback?: boolean | undefined
}

/**
 * Makes a client as environment variables say, see {@link resolveEnv}. Both kinds of server are behind the same interface. Nothing happens yet,
 * as with every `createClient`.
 *
 * @example
 * const client = createClientFromEnv<Events>({ url: 'wss://example.com/ws', token: fetchToken })
 * client.on('MESSAGE_RECEIVED', ({ text }) => console.log(text))
 * client.connect()
 *
 * @throws {TautlineError} `misuse/invalid-option`, naming the option; a variable that makes no sense only warns
 */
export function createClientFromEnv<Events extends object = RegisteredEvents>(options: EnvClientOptions): EnvClient<Events> {
  const [settings, { url, discordUrl = url, plain = presets.channels, discord = presets.chat, fallback = false, ...others }] = splitSettings(options)
  const env = resolveEnv(settings)
  const { connectTimeoutMs, handshakeTimeoutMs, heartbeat, queue } = others
  const interval = env.heartbeatIntervalMs
  const server = (where: UrlSource, protocol: JsonProtocol): Making['servers']['plain'] => {
    if (typeof where !== 'function') checkUrl(where)
    // A server that beats is given two and a half beats; what the description says goes before a mere default.
    const paced = protocol.silenceMs && interval.from !== 'default' ? { ...protocol, silenceMs: Math.min(interval.value * 2.5, DAY) } : protocol
    return { url: where, dialect: dialectOf(paced, env.maxReconnectAttempts.value) }
  }
  return new SwitchingClient({
    options: {
      ...others,
      connectTimeoutMs: connectTimeoutMs ?? env.connectionTimeoutMs.value,
      handshakeTimeoutMs: handshakeTimeoutMs ?? env.connectionTimeoutMs.value,
      heartbeat: { ...heartbeat, intervalMs: heartbeat?.intervalMs ?? interval.value },
      queue: { ...queue, max: queue?.max ?? env.messageQueueSize.value },
    },
    loadCore,
    servers: { plain: server(url, plain), discord: server(discordUrl, discord) },
    first: env.useDiscordClient.value ? 'discord' : 'plain',
    fallback,
  }) as unknown as EnvClient<Events>
}
