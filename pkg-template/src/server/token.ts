/** Tokens as the relay wants them: signed with HS256 and its secret, by the library `jose`. */
import { SignJWT } from 'jose/jwt/sign'
import { TautlineError } from '../error.ts'

/** Fewer bytes than HS256 itself has would be the weakest part. The relay asks for as many. */
const LEAST_SECRET = 32
const MOST_NAME = 128
const CONTROL = /\p{Cc}/u

/** What a token says. */
export interface TokenOptions {
  /** What the relay was given as `TAUTLINE_JWT_SECRET`: 32 bytes or more. It never appears in errors. */
  readonly secret: string | Uint8Array
  /** The user, as others see it in `message.user`: 1 to 128 bytes without control characters. */
  readonly user: string
  /** The channels that this user may read and write. One that ends in `*` stands for all that begin so; `[]` gives none. */
  readonly channels: readonly string[]
  /**
   * For how long it holds, in milliseconds. Default 600,000. Shorter ends a right sooner after it was taken away, and asks the
   * client's `token` function more often; the connection lives on over each renewal.
   */
  readonly expiresInMs?: number | undefined
}

/**
 * Makes a token for one user. Decide who the user is before: from your session, never from what the request says.
 *
 * @example
 * export async function GET() {
 *   const session = await auth()
 *   if (!session) return new Response(null, { status: 401 })
 *   const { id } = session.user
 *   return new Response(await createToken({ secret: process.env.TAUTLINE_JWT_SECRET, user: id, channels: [`user:${id}`] }))
 * }
 *
 * @throws {TautlineError} `misuse/invalid-argument`
 */
export async function createToken({ secret, user, channels, expiresInMs = 600_000 }: TokenOptions): Promise<string> {
  const key: unknown = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret
  // Not `instanceof`: edge runtimes have several classes of this name.
  if (!ArrayBuffer.isView(key)) refuse('secret: expected a string or a Uint8Array; is the environment variable set?')
  if (key.byteLength < LEAST_SECRET) refuse(`secret: expected ${LEAST_SECRET} bytes or more.`)
  checkText('user', user)
  if (!Array.isArray(channels)) refuse('channels: expected an array of names.')
  channels.forEach((name, index) => checkText(`channels[${index}]`, name))
  if (!(expiresInMs >= 1000 && expiresInMs < Number.MAX_SAFE_INTEGER)) refuse('expiresInMs: expected a number from 1,000.')
  const now = Math.floor(Date.now() / 1000)
  return new SignJWT({ channels: [...channels] })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(user)
    .setIssuedAt(now)
    .setExpirationTime(now + Math.floor(expiresInMs / 1000))
    .sign(new Uint8Array(key.buffer, key.byteOffset, key.byteLength))
}

function checkText(what: string, text: unknown): void {
  if (typeof text === 'string' && text !== '' && !CONTROL.test(text) && new TextEncoder().encode(text).length <= MOST_NAME) return
  refuse(`${what}: expected 1 to ${MOST_NAME} bytes without control characters.`)
}

function refuse(message: string): never {
  throw new TautlineError('misuse/invalid-argument', { message: `createToken: ${message}` })
}
