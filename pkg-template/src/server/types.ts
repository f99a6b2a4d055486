/** The types that a server and its clients share. */
export type { EventMap, EventName, Message, Register, RegisteredEvents } from '../events.ts'
export type { TokenReason } from '../options.ts'
