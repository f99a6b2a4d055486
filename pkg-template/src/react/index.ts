'use client'
/** Tautline in React: a provider and hooks. */
export { type ChannelHandlers, type RealtimeChannel, type RealtimeChannelOptions, useRealtimeChannel } from './channel.ts'
export { type RealtimeChat, type RealtimeChatOptions, useRealtimeChat } from './chat.ts'
export type { ChatMessage, ChatMessageStatus, ChatNotice, ChatState } from './chat-room.ts'
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
export type { Notification } from './inbox.ts'
export { type Notifications, type NotificationsOptions, useNotifications } from './notifications.ts'
export type { ConnectionOptions, ProtocolOption } from './own.ts'
export type { Person } from './person.ts'
export {
  type PresenceStatus,
  type PresenceUser,
  type RealtimePresence,
  type RealtimePresenceOptions,
  type RealtimeTyping,
  useRealtimePresence,
  useRealtimeTyping,
} from './presence.ts'
export { type ProviderWithClient, type ProviderWithOptions, TautlineProvider, type TautlineProviderProps } from './provider.ts'
export type { Change, Item, ReplicaState } from './replica.ts'
export { type Stats, useStats } from './stats.ts'
export { type RealtimeSync, type RealtimeSyncOptions, useRealtimeSync } from './sync.ts'
export { useWebSocket, type WebSocketHook, type WebSocketOptions } from './websocket.ts'
