// Signs tokens as an application's own server would.
import { createHmac, randomBytes } from 'node:crypto'

/** The secret that the relays of these tests are started with. */
export const SECRET = randomBytes(32).toString('hex')

export interface Claims {
  readonly sub: string
  /** Seconds since 1970. */
  readonly exp?: number
  readonly [claim: string]: unknown
}

/** A signed token that holds for `seconds`; negative: it is over already. */
export function tokenFor(user: string, seconds = 3600, claims: Record<string, unknown> = {}, secret = SECRET): string {
  const now = Math.floor(Date.now() / 1000)
  const all: Claims = { sub: user, iat: now, exp: now + seconds, ...claims }
  const body = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(all)}`
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`
}

function encode(part: unknown): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
