/** What may be shown of an address and of a frame: anything that could be a secret is taken out, and what cannot be read is not shown. */

/** What stands in the place of a secret. */
export const REDACTED = '[redacted]'

/** A frame, as it may be shown. */
export interface Seen {
  /** What it says it is: its type, and its event where it has one. Empty if it says nothing. */
  readonly kind: string
  /** Its content without secrets; empty where it cannot be read. */
  readonly preview: string
}

/** Longer frames are not read. */
const LONGEST_FRAME = 65_536
/** What is kept of a frame's text. */
const LONGEST_PREVIEW = 1_000
/** Deeper values are not shown. */
const DEEPEST = 12

const SECRET_KEY = /token|secret|pass|pwd|auth|session|cookie|credential|api_?key|jwt|bearer|signature|ticket|otp|\bpin\b/i
/** Frames that say who somebody is: nothing in them is shown. */
const SECRET_KIND = /hello|identify|auth|login|logon|connect|resume|refresh|session/i
const BEARER = /\bBearer\s+\S+/gi
const WORD = /[\w+.=-]{20,}/g
const JSON_WEB_TOKEN = /^ey[\w-]+\.[\w-]+\.[\w-]*$/
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i
/** A long word of letters and digits may be a key. */
const SHORTEST_KEY = 24
const KINDS = ['type', 'op', 't', 'action', 'event']
const KIND = /^[\w.:/ -]{1,40}$/

/** A text without what looks like a secret. */
export function redactText(text: string): string {
  return text.replace(BEARER, REDACTED).replace(WORD, (word) => (isSecret(word) ? REDACTED : word))
}

function isSecret(word: string): boolean {
  const isKey = (part: string): boolean => part.length >= SHORTEST_KEY && /\d/.test(part) && /[a-z]/i.test(part) && !UUID.test(part)
  return JSON_WEB_TOKEN.test(word) || word.split('.').some(isKey)
}

/** An address without user, values of its query, and fragment. */
export function redactUrl(address: string): string {
  let url
  try {
    url = new URL(address)
  } catch {
    return ''
  }
  const query = [...new Set(url.searchParams.keys())].map((key) => `${redactText(key)}=${REDACTED}`).join('&')
  return `${url.protocol}//${url.host}${redactText(url.pathname)}${query && `?${query}`}`
}

/** What may be shown of a frame. */
export function redactFrame(data: unknown): Seen {
  const text = typeof data === 'string' ? data : headOf(data)
  if (!text || text.length > LONGEST_FRAME) return { kind: '', preview: '' }
  let frame: unknown
  try {
    frame = JSON.parse(text)
  } catch {
    return { kind: '', preview: '' }
  }
  const kind = kindOf(frame)
  const json = JSON.stringify(redact(frame, SECRET_KIND.test(kind), 0))
  return { kind, preview: json.length > LONGEST_PREVIEW ? `${json.slice(0, LONGEST_PREVIEW)}…` : json }
}

/** The JSON at the beginning of a binary frame, see docs/PROTOCOL.md. */
function headOf(data: unknown): string {
  const bytes = ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : data instanceof ArrayBuffer
      ? new Uint8Array(data)
      : new Uint8Array()
  const [layout, high = 0, low = 0] = bytes
  return layout === 1 ? new TextDecoder().decode(bytes.subarray(3, 3 + ((high << 8) | low))) : ''
}

function kindOf(frame: unknown): string {
  if (typeof frame !== 'object' || frame === null) return ''
  const words = KINDS.flatMap((key) => {
    const word: unknown = Object.hasOwn(frame, key) ? (frame as Record<string, unknown>)[key] : undefined
    return typeof word === 'number' || (typeof word === 'string' && KIND.test(word)) ? redactText(String(word)) : []
  })
  return words.slice(0, 2).join(' ')
}

function redact(value: unknown, all: boolean, depth: number): unknown {
  if (depth > DEEPEST) return REDACTED
  if (typeof value === 'string') return all ? REDACTED : redactText(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => redact(item, all, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const named = depth === 0 && KINDS.includes(key)
      return [key, SECRET_KEY.test(key) ? REDACTED : redact(item, all && !named, depth + 1)]
    }),
  )
}
