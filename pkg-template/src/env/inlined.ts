/**
 * What a build wrote in place of environment variables. Next.js replaces `process.env.NEXT_PUBLIC_…` where it is spelled out whole, and
 * nothing else: neither `process.env[name]` nor `process?.env` is safe with both of its bundlers.
 */

/** The variables, without what they begin with. */
export type Variable = 'USE_DISCORD_CLIENT' | 'WEBSOCKET_HEARTBEAT_INTERVAL' | 'WEBSOCKET_CONNECTION_TIMEOUT' | 'WEBSOCKET_MAX_RECONNECT_ATTEMPTS' | 'WEBSOCKET_MESSAGE_QUEUE_SIZE'

declare const process: { readonly env: Partial<Record<`NEXT_PUBLIC_${Variable}` | 'NODE_ENV', string>> }

const inlined: Readonly<Record<Variable | 'NODE_ENV', () => string | undefined>> = {
  USE_DISCORD_CLIENT: () => process.env.NEXT_PUBLIC_USE_DISCORD_CLIENT,
  WEBSOCKET_HEARTBEAT_INTERVAL: () => process.env.NEXT_PUBLIC_WEBSOCKET_HEARTBEAT_INTERVAL,
  WEBSOCKET_CONNECTION_TIMEOUT: () => process.env.NEXT_PUBLIC_WEBSOCKET_CONNECTION_TIMEOUT,
  WEBSOCKET_MAX_RECONNECT_ATTEMPTS: () => process.env.NEXT_PUBLIC_WEBSOCKET_MAX_RECONNECT_ATTEMPTS,
  WEBSOCKET_MESSAGE_QUEUE_SIZE: () => process.env.NEXT_PUBLIC_WEBSOCKET_MESSAGE_QUEUE_SIZE,
  NODE_ENV: () => process.env.NODE_ENV,
}

/** What the build knew; on a server what it knows now. Undefined in browsers that no build spoke to: they have no `process`. */
export function readInlined(variable: Variable | 'NODE_ENV'): unknown {
  try {
    return inlined[variable]()
  } catch {
    return undefined
  }
}
