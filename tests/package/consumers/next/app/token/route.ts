import { createToken, isTautlineError, publish } from 'tautline/server'

export const runtime = 'edge'
export const dynamic = 'force-dynamic'

export async function GET(): Promise<Response> {
  const token = await createToken({ secret: 'a secret of thirty-two bytes or more', user: 'ada', channels: ['user:ada'] })
  // Nobody listens there.
  const outcome = await publish({ channel: 'user:ada', event: 'note' }, { url: 'http://127.0.0.1:1', apiKey: 'key' }).catch((error) => error)
  return Response.json({ token, code: isTautlineError(outcome) ? outcome.code : String(outcome) })
}
