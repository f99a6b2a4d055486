/** What every entry with a client exports besides its `createClient`. */
export type { Channel, ChannelOptions, ChannelStatus, Position } from './channel.ts'
export type { Client, ClientRequestOptions, ClientSendOptions } from './client.ts'
export type { ErrorBlame, ErrorCode } from './codes.ts'
export { type ErrorDetails, type ErrorInit, isTautlineError, TautlineError } from './error.ts'
export type {
  EventMap,
  EventName,
  EventPattern,
  Listenable,
  Listener,
  ListenOptions,
  Matching,
  Message,
  MessageOf,
  OnOptions,
  Register,
  RegisteredEvents,
  RegisteredPresence,
  Sendable,
  SendArguments,
  StreamOptions,
  Unsubscribe,
  WaitOptions,
} from './events.ts'
export type { HistoryOptions, HistoryPage } from './history.ts'
export type { ConnectionInfo, ConnectionStats, LatencyStats, Quality } from './info.ts'
export type {
  Gap,
  Latency,
  LifecycleEvents,
  ListenerError,
  Problem,
  Restored,
  RestoredMessage,
  Subscribed,
  Switched,
  SwitchReason,
  TokenAccepted,
  Welcome,
} from './lifecycle.ts'
export type {
  BackoffOptions,
  ClientOptions,
  HeartbeatOptions,
  QueueOptions,
  RateLimitOptions,
  Token,
  TokenReason,
  TokenSource,
  UrlSource,
  Validate,
} from './options.ts'
export type { Member, Presence, PresenceChange } from './presence.ts'
export type { RequestOptions } from './requests.ts'
export type { Receipt, SendHandle, SendOptions, SendStatus, SignalOptions } from './send.ts'
export type { ConnectionState, ConnectionStatus, StateOf } from './state.ts'
