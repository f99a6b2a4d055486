/** Tautline: a realtime client that loses no message, delivers none twice and believes no dead connection alive. */
export { createClient } from './create.ts'
export * from './exports.ts'
