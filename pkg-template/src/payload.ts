/** Turns what is sent into JSON or bytes, at the call: what is changed afterwards does not change what is sent. */
import type { Encoded } from './core.ts'
import { TautlineError } from './error.ts'

/** JSON, or a copy of the bytes. Not for a Blob, which can only be read later. */
export function encode(payload: unknown): Encoded {
  if (payload === undefined) return undefined
  if (payload instanceof ArrayBuffer) return new Uint8Array(payload).slice()
  if (ArrayBuffer.isView(payload)) {
    return new Uint8Array(payload.buffer, payload.byteOffset, payload.byteLength).slice()
  }
  let cause: unknown
  try {
    const json = JSON.stringify(payload) as string | undefined
    if (json !== undefined) return json
  } catch (error) {
    cause = error
  }
  throw new TautlineError('misuse/unserialisable', { message: culprit(payload, 'payload', new Set()), cause })
}

/** Whether JSON is not what it is sent as. */
export function isBinary(payload: unknown): boolean {
  return payload instanceof ArrayBuffer || ArrayBuffer.isView(payload) || (typeof Blob === 'function' && payload instanceof Blob)
}

/** Size as the core counts it: characters stand for bytes, because counting bytes would cost a pass over the text. */
export function sizeOf(payload: Encoded): number {
  return payload?.length ?? 0
}

/** The first part that JSON cannot say, with its path; nothing if there is none. */
function culprit(value: unknown, path: string, above: Set<unknown>): string {
  const type = typeof value
  if (type === 'bigint' || ((type === 'function' || type === 'symbol') && above.size === 0)) return `${path} is a ${type}.`
  if (type !== 'object' || value === null) return ''
  if (above.has(value)) return `${path} refers back to what contains it.`
  above.add(value)
  for (const [key, part] of Object.entries(value as object)) {
    const found = culprit(part, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`, above)
    if (found) return found
  }
  above.delete(value)
  return ''
}
