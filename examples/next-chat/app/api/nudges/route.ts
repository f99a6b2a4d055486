import { isTautlineError, publish } from 'tautline/server'
import { auth, isUserId } from '@/auth'
import { findConversation } from '@/lib/conversations'

/** Longest body that makes sense here. */
const LIMIT = 1_000

/** Tells somebody that they are wanted: a message in their own channel, which only this server writes to with its API key. */
export async function POST(request: Request): Promise<Response> {
  const session = await auth()
  if (!session) return new Response(null, { status: 401 })
  const { to, conversation: id } = await read(request)
  const conversation = findConversation(String(id))
  if (!isUserId(to) || !conversation) return new Response(null, { status: 400 })
  try {
    await publish(
      { channel: `user:${to}`, event: 'notification', payload: { from: session.user.name, conversation: conversation.id } },
      { url: process.env.TAUTLINE_URL ?? '', apiKey: process.env.TAUTLINE_API_KEY ?? '', signal: request.signal },
    )
  } catch (error) {
    if (!isTautlineError(error)) throw error
    console.error(error)
    return new Response(null, { status: error.retryable ? 503 : 500 })
  }
  return new Response(null, { status: 204 })
}

async function read(request: Request): Promise<{ to?: unknown; conversation?: unknown }> {
  const text = await request.text()
  if (text.length > LIMIT) return {}
  try {
    return { ...JSON.parse(text) }
  } catch {
    return {}
  }
}
