/** Real harm, done by the relay to order. Needs a relay with `--demo-faults`. */
import { client } from '../client.ts'
import { note } from './journal.ts'

export const STALL_MS = 15_000
export const DOWN_MS = 5_000

export async function dropSocket(): Promise<void> {
  await harm('drop', 'Asked the relay to cut our socket', { member: client.getConnectionInfo().member ?? '' })
}

export async function stallNetwork(): Promise<void> {
  const member = client.getConnectionInfo().member ?? ''
  await harm('stall', `Asked the relay to go silent on us for ${STALL_MS / 1_000} s`, { member, ms: STALL_MS })
}

export async function killRelay(): Promise<void> {
  await harm('restart', `Asked the relay to die and come back in ${DOWN_MS / 1_000} s`, { downMs: DOWN_MS })
}

async function harm(what: string, words: string, body: object): Promise<void> {
  note('line', words)
  try {
    const headers = { 'Content-Type': 'application/json' }
    const answer = await fetch(`/demo/${what}`, { method: 'POST', headers, body: JSON.stringify(body) })
    if (answer.ok) return
    const unknown = answer.headers.get('Content-Type')?.includes('json') && answer.status === 404
    note('problem', unknown ? 'The relay says: you are not connected' : 'This relay does no harm: start it with --demo-faults', 'warn')
  } catch {
    note('problem', 'The relay could not be reached at all', 'bad')
  }
}
