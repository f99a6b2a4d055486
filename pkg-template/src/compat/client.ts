/** The one client of an application, and its token. */
import type { Client } from '../client.ts'
import { isTautlineError, TautlineError } from '../error.ts'
import type { EventMap, RegisteredEvents } from '../events.ts'
import type { Token, TokenReason, TokenSource } from '../options.ts'

let make: (() => Client<EventMap>) | undefined
let client: Client<EventMap> | undefined
let token: TokenSource | undefined

/**
 * Says how the client is made: once, where the application begins. It is made at the first need. Another call destroys the client that was made
 * before, and its rooms are left: for tests.
 *
 * @example
 * configureWebSocket(() => createClient({ url: '/ws', protocol: presets.rooms, token: webSocketToken }))
 */
export function configureWebSocket<Events extends object = RegisteredEvents>(factory: () => Client<Events>): void {
  client?.destroy()
  client = undefined
  token = undefined
  make = factory as unknown as () => Client<EventMap>
}

/**
 * The client: always the same one.
 *
 * @throws {TautlineError} `misuse/invalid-argument` before {@link configureWebSocket}
 */
export function getWebSocketClient<Events extends object = RegisteredEvents>(): Client<Events> {
  if (!make) throw new TautlineError('misuse/invalid-argument', { message: 'Call configureWebSocket first, with a function that makes the client.' })
  client ??= make()
  return client as unknown as Client<Events>
}

/** The token of {@link authenticateWebSocket}: give it to the client as its option `token`. */
export function webSocketToken(why: TokenReason): Token | Promise<Token> {
  return typeof token === 'function' ? token(why) : token
}

/**
 * Connects with this token, or takes it over on the living connection: there where the protocol can, else with a new connection. A function is asked
 * again when a token expires. Resolves when the server has taken it.
 *
 * @throws {TautlineError} as a rejection: what the server refused, or `dropped/closed` when the connection is closed first
 */
export function authenticateWebSocket(next: TokenSource): Promise<void> {
  const client = getWebSocketClient<EventMap>()
  token = next
  const open = client.state.status !== 'idle' && client.state.status !== 'closed' && client.state.status !== 'failed'
  const inBand = client.state.status === 'connected' && canRefresh(client)
  if (open && !inBand) client.close()
  const taken = untilTaken(client, inBand)
  if (!inBand) client.connect()
  return taken
}

/** Whether a living connection takes another token. The attempt itself says so, and nothing else. */
function canRefresh(client: Client<EventMap>): boolean {
  try {
    client.refreshToken()
    return true
  } catch (error) {
    if (isTautlineError(error) && error.code === 'misuse/unsupported') return false
    throw error
  }
}

function untilTaken(client: Client<EventMap>, inBand: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const over = new AbortController()
    const end = (finish: () => void): void => {
      over.abort()
      finish()
    }
    if (inBand) client.onLifecycle('token', () => end(resolve), over)
    client.onConnectionStateChange(({ status, cause }) => {
      if (status === 'connected') end(resolve)
      else if (status === 'failed') end(() => reject(cause))
      else if (status === 'closed') end(() => reject(new TautlineError('dropped/closed')))
    }, over)
  })
}
