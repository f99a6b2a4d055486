/** Listens to the client and writes the event log. */
import type { Client, ConnectionState } from 'tautline'
import { gather, note } from './journal.ts'
import { readPerson } from './person.ts'
import { pulse } from './pulses.ts'
import { lobby } from './rooms.ts'
import { wordsOf } from './words.ts'

const many = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`
const messages = (count: number): string => many(count, 'message')
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`

/** Begins; the result ends it. */
export function startReporter(client: Client): () => void {
  waiting = false
  const ends = [
    client.onConnectionStateChange(reportState),
    client.onLifecycle('welcome', ({ member, resumed }) => {
      note('line', resumed ? 'Welcomed back: the relay still knew us' : `Welcomed${member ? ` as ${member.slice(0, 8)}` : ''}`, 'good')
    }),
    client.onLifecycle('subscribed', ({ channel, first, recovered, replaying }) => {
      if (first) gather('line', (count) => `Joined ${many(count, 'room')}`)
      else if (replaying > 0) note('line', `Rejoined ${channel.replace(/^demo:/, '')}: ${many(replaying, 'message')} to replay`, 'good')
      else if (recovered) gather('line', (count) => `Rejoined ${many(count, 'room')}: nothing missed`, 'good')
    }),
    client.onLifecycle('gap', () => {
      gather('problem', (count) => `No history of ${many(count, 'room')}: messages may be missing`, 'warn')
    }),
    client.onLifecycle('problem', ({ error }) => {
      if (error.code === 'misuse/unsupported') gather('line', () => 'This server has no word for some of what we do, presence for one')
      else note('problem', `Problem: ${wordsOf(error)}`, 'bad', error.code)
    }),
    client.onLifecycle('listenerError', ({ event }) => note('problem', `A listener of ${event} threw`, 'bad')),
    client.onLifecycle('restored', (event) => {
      note('message', `${messages(event.messages.length)} of an earlier page in the queue again`, 'good')
    }),
    client.on('message', (_payload, message) => {
      pulse(message.own ? 'out' : 'in')
      if (message.replayed) gather('message', (count) => `${messages(count)} replayed`, 'good')
      else if (message.own) gather('message', (count) => `${messages(count)} of ours in the history`)
      else gather('message', (count) => `${messages(count)} received`)
    }),
    // Everybody is in all rooms: one of them tells.
    client.channel(lobby.channel).presence.onChange(({ joined, left }) => {
      const self = client.getConnectionInfo().member
      for (const { id, state } of joined) if (id !== self) note('people', `${readPerson(state).name} came`)
      for (const { id, state } of left) if (id !== self) note('people', `${readPerson(state).name} left`)
    }),
  ]
  return () => {
    for (const end of ends) end()
  }
}

let waiting = false

function reportState(state: ConnectionState): void {
  const { status, cause } = state
  const why = cause ? `: ${wordsOf(cause)}` : ''
  if (status === 'connecting') note('line', 'Connecting')
  if (status === 'connected') note('line', 'Connected', 'good')
  if (status === 'closed') note('line', 'Hung up')
  if (status === 'failed') note('line', `Given up${why}`, 'bad', cause?.code)
  if (status === 'reconnecting') {
    const retryInMs = state.retryInMs ?? 0
    if (retryInMs > 0) note('line', `${waiting ? 'Attempt failed' : 'Lost'}${why}; next try in ${seconds(retryInMs)}`, 'warn', cause?.code)
    else note('line', waiting ? 'Trying again' : `Lost${why}; trying at once`, waiting ? 'plain' : 'warn', waiting ? undefined : cause?.code)
    pulse('jolt')
  }
  waiting = status === 'reconnecting'
}
