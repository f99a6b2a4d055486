'use client'
/** A `useWebSocket` with the shape of react-use-websocket 4, on a socket that comes back. */
export { useWebSocket, useWebSocket as default, type WebSocketHook } from './hook.ts'
export type { HeartbeatOptions, Options, QueryParams, UrlSource, WebSocketMessage } from './options.ts'
export { ReadyState } from './state.ts'
