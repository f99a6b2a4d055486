/**
 * Tautline in an application's tests: a server in the same process, and a clock that a test turns. The client is the real one, on the
 * real core. For Vitest, Jest and any other runner; nothing here depends on one. Not for production.
 */
export { createClock, type ClockOptions, type VirtualClock } from './clock.ts'
export type { FakeConnection } from './connection.ts'
export type { FakeMember } from './member.ts'
export type { FakeMessage, FakeServer, FakeServerOptions, JoinOptions, RequestHandler, Said } from './options.ts'
export type { Refusable, Refusal, RefusalCode } from './refusals.ts'
export { createFakeServer } from './server.ts'
