/** Tautline, configured by environment variables: one flag between a plain and a Discord-style chat server. */
export * from '../exports.ts'
export { presets } from '../json/presets.ts'
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
} from '../json/protocol.ts'
export type { EnvClient, EnvDialect } from './client.ts'
export { createClientFromEnv, type EnvClientOptions } from './create.ts'
export { configure, type EnvOrigin, type EnvSettings, resolveEnv, type ResolvedEnv, type ResolvedSetting } from './resolve.ts'
