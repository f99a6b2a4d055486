/**
 * Tautline for your own server: publishes through a relay, makes tokens for its clients. Safe in route handlers and edge
 * functions: no WebAssembly, nothing of Node, only `fetch` and Web Crypto. Not here: a client, see the main entry.
 */
export { type ErrorBlame, type ErrorCode } from '../codes.ts'
export { type ErrorDetails, type ErrorInit, isTautlineError, TautlineError } from '../error.ts'
export type { EventMap, EventName, Message, Register, RegisteredEvents, TokenReason } from './types.ts'
export { type CloseCode, closeCodes } from './close.ts'
export { type Addressed, type Carries, type Outbound, type Published, publish, type PublishOptions } from './publish.ts'
export { createToken, type TokenOptions } from './token.ts'
