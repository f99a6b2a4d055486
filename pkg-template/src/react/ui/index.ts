'use client'
/** Small components that show the connection, the queue and the people: without a style of their own, with an optional stylesheet. */
export { PresenceAvatars, type PresenceAvatarsProps, type ShownUser } from './avatars.tsx'
export { ConnectionQuality, type ConnectionQualityProps } from './quality.tsx'
export { ConnectionStatus, type ConnectionStatusProps } from './status.tsx'
export { QueueIndicator, type QueueIndicatorProps } from './queue.tsx'
export { type Liveness, RealtimeIndicator, type RealtimeIndicatorProps } from './indicator.tsx'
export { TypingIndicator, type TypingIndicatorProps } from './typing.tsx'
export type { PartProps } from './part.ts'
