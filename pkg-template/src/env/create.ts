/** `createClientFromEnv`: one client, for the plain server or the Discord-style one, as the environment says. */
import type { Client } from '../client.ts'
import type { RegisteredEvents } from '../events.ts'
import { createClient } from '../json/create.ts'
import { presets } from '../json/presets.ts'
import type { JsonClientOptions, JsonProtocol } from '../json/protocol.ts'
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
export function createClientFromEnv<Events extends object = RegisteredEvents>(options: EnvClientOptions): Client<Events> {
  const [settings, { plain = presets.channels, discord = presets.chat, ...others }] = splitSettings(options)
  const env = resolveEnv(settings)
  const { connectTimeoutMs, handshakeTimeoutMs, heartbeat, queue } = others
  const chosen = env.useDiscordClient.value ? discord : plain
  const interval = env.heartbeatIntervalMs
  // A server that beats is given two and a half beats; what the description says goes before a mere default.
  const protocol = chosen.silenceMs && interval.from !== 'default' ? { ...chosen, silenceMs: Math.min(interval.value * 2.5, DAY) } : chosen
  return createClient<Events>({
    ...others,
    protocol,
    maxReconnectAttempts: env.maxReconnectAttempts.value,
    connectTimeoutMs: connectTimeoutMs ?? env.connectionTimeoutMs.value,
    handshakeTimeoutMs: handshakeTimeoutMs ?? env.connectionTimeoutMs.value,
    heartbeat: { ...heartbeat, intervalMs: heartbeat?.intervalMs ?? interval.value },
    queue: { ...queue, max: queue?.max ?? env.messageQueueSize.value },
  })
}
