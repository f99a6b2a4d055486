'use client'
/** Tautline in React: a provider and hooks. */
export {
  type RealtimeChannel,
  type RealtimeChannelOptions,
  type ChannelHandlers,
  useRealtimeChannel,
} from './channel.ts'
export {
  type Send,
  useConnectionState,
  useWebSocketConnected,
  useWebSocketContext,
  useWebSocketSend,
  type WebSocketContext,
} from './connection.ts'
export { useTautline } from './context.ts'
export { type MessageOptions, useWebSocketMessage } from './message.ts'
export type { ConnectionOptions, ProtocolOption } from './own.ts'
export { type ProviderWithClient, type ProviderWithOptions, TautlineProvider, type TautlineProviderProps } from './provider.ts'
