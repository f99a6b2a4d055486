/**
 * Who is signed in. Shaped like Auth.js: `auth`, `signIn` and `signOut`, so that `export const { auth, signIn, signOut } = NextAuth(…)`
 * takes the place of this file. Here a chosen name is all there is: whoever says "Ann" is Ann.
 */
import { cookies, headers } from 'next/headers'
import { redirect } from 'next/navigation'

export interface Session {
  readonly user: { readonly id: string; readonly name: string }
}

const COOKIE = 'session'
const DAYS = 30

/** No `*`: at the end of a token's channel it would stand for every channel that begins so. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}' ._-]{0,23}$/u

/** The session of the request that is being answered. */
export async function auth(): Promise<Session | null> {
  const name = readName((await cookies()).get(COOKIE)?.value)
  return name === undefined ? null : { user: { id: idOf(name), name } }
}

/** Begins a session for the name in a form. Returns why not. */
export async function signIn(form: FormData): Promise<string> {
  const name = readName(form.get('name'))
  if (name === undefined) return 'Use up to 24 letters and digits, beginning with one.'
  const secure = (await headers()).get('x-forwarded-proto') === 'https'
  ;(await cookies()).set(COOKIE, name, { httpOnly: true, sameSite: 'lax', path: '/', maxAge: DAYS * 86_400, secure })
  redirect('/')
}

/** Ends the session. */
export async function signOut(): Promise<never> {
  ;(await cookies()).delete(COOKIE)
  redirect('/signin')
}

/** Whether this could be somebody's id. */
export function isUserId(value: unknown): value is string {
  return typeof value === 'string' && NAME.test(value) && value === idOf(value)
}

function readName(value: unknown): string | undefined {
  const name = typeof value === 'string' ? value.normalize('NFKC').trim().replace(/\s+/g, ' ') : ''
  return NAME.test(name) ? name : undefined
}

function idOf(name: string): string {
  return name.toLowerCase()
}
