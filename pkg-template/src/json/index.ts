/** Tautline for servers that people wrote by hand: plain JSON frames, described by configuration. */
export * from '../exports.ts'
export { createClient } from './create.ts'
export { presets } from './presets.ts'
export type {
  JsonClientOptions,
  JsonCloseCodes,
  JsonFields,
  JsonMessage,
  JsonMessages,
  JsonProtocol,
  JsonType,
  JsonTypes,
  RefusalCode,
} from './protocol.ts'
