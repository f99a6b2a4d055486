import { createToken } from 'tautline/server'
import { auth } from '@/auth'
import { channelsOf } from '@/lib/channels'

/** A token for the relay: who the signed-in user is, and which channels are theirs. */
export async function GET(): Promise<Response> {
  const session = await auth()
  if (!session) return new Response(null, { status: 401 })
  const { id } = session.user
  const token = await createToken({ secret: process.env.TAUTLINE_JWT_SECRET ?? '', user: id, channels: channelsOf(id) })
  return new Response(token, { headers: { 'cache-control': 'no-store' } })
}
