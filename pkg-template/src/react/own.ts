/** Clients that are made of props: at once, with a core that is downloaded when the client connects. */
import { type Client, laterClient } from '../client.ts'
import type { EnvClient, EnvClientOptions } from '../env/index.ts'
import type { EventMap } from '../events.ts'
import type { JsonProtocol } from '../json/protocol.ts'
import type { ClientOptions, Token, TokenReason, UrlSource } from '../options.ts'
import { patiently } from './lazy.ts'

/**
 * What the server speaks. `'tautline'`: Tautline's own protocol. `'json'`, or a preset by its name, or a description: see `tautline/json`.
 * `'env'`: what the environment variables say, see `tautline/env`.
 */
export type ProtocolOption = 'tautline' | 'json' | 'channels' | 'rooms' | 'chat' | 'env' | JsonProtocol

/** What a client is made of: plain data, if it comes from a server component. */
export interface ConnectionOptions extends ClientOptions {
  /** What the server speaks. Its core alone is downloaded, when the client connects. Default `'tautline'`. */
  readonly protocol?: ProtocolOption | undefined
  /**
   * The flag of `tautline/env`: `true` for a Discord-style chat server, `false` for a plain one. Makes `protocol` `'env'`. Change it at any
   * time: the client goes over to the other server, with all that waits.
   */
  readonly useDiscordClient?: boolean | undefined
  /** With `tautline/env`: where the Discord-style server is. Default: the same `url`. */
  readonly discordUrl?: UrlSource | undefined
  /** With `tautline/env`: whether to go over to the other server by itself, see {@link EnvClientOptions.fallback}. Default false. */
  readonly fallback?: boolean | undefined
}

/** A client, and the options that it reads anew whenever it needs them. */
export class Own {
  /** Two options with the same key make the same client. */
  readonly key: string
  readonly client: Client<EventMap>
  #options: ConnectionOptions
  /** What the flag acts on, once it is downloaded. */
  #env: EnvClient<EventMap> | undefined

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.key = keyOf(options)
    const { url, token } = options
    const make = (url: UrlSource, load: () => Promise<Client<EventMap>>): Client<EventMap> => laterClient({ url, token }, () => patiently(load))
    try {
      this.client = make(url, () => this.#load())
    } catch (error) {
      // The page goes on without a connection, and its state says why.
      this.client = make('ws://invalid', () => Promise.reject(error))
    }
  }

  /** The options of the last render. */
  update(options: ConnectionOptions): void {
    const { token, useDiscordClient } = this.#options
    this.#options = options
    if (options.useDiscordClient !== useDiscordClient) this.#choose()
    if (typeof token !== 'string' || typeof options.token !== 'string' || options.token === token) return
    const { client } = this
    try {
      client.refreshToken()
    } catch {
      // A server that takes a token only at the beginning.
      client.close()
      client.connect()
    }
  }

  /** Without the flag all stays as it is. */
  #choose(): void {
    const { useDiscordClient } = this.#options
    if (useDiscordClient !== undefined) this.#env?.switchTo(useDiscordClient ? 'discord' : 'plain')
  }

  #token(why: TokenReason): Token | Promise<Token> {
    const { token } = this.#options
    return typeof token === 'function' ? token(why) : token
  }

  /** Each literal import is a chunk of its own in the application's bundle. */
  async #load(): Promise<Client<EventMap>> {
    const { protocol = 'tautline', ...given } = this.#options
    const { url, token } = given
    const now = {
      ...given,
      url: typeof url === 'function' ? () => (this.#options.url as typeof url)() : url,
      ...(token !== undefined && { token: (why: TokenReason) => this.#token(why) }),
    }
    const { useDiscordClient, discordUrl, fallback, ...options } = now
    if (protocol === 'env' || useDiscordClient !== undefined) {
      this.#env = (await import('../env/index.ts')).createClientFromEnv<EventMap>(now)
      this.#choose()
      return this.#env
    }
    if (protocol === 'tautline') return (await import('../index.ts')).createClient<EventMap>(options)
    const { createClient, presets } = await import('../json/index.ts')
    const preset = protocol === 'json' ? 'channels' : protocol
    return createClient<EventMap>({ ...options, protocol: typeof preset === 'string' ? presets[preset] : preset })
  }
}

/** What cannot change without another client. */
export function keyOf({ url, token, protocol, useDiscordClient }: ConnectionOptions): string {
  return JSON.stringify([typeof url === 'function' || url, token === undefined, useDiscordClient === undefined ? protocol : 'env'])
}
