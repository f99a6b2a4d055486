/** Listens to the client and writes the event log. */
import type { ConnectionState } from 'tautline'
import { client } from '../client.ts'
import { gather, note } from './journal.ts'
import { pulse } from './pulses.ts'
import { rooms } from './rooms.ts'
import { wordsOf } from './words.ts'

const messages = (count: number): string => (count === 1 ? '1 message' : `${count} messages`)
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`

export function startReporter(): void {
  client.onConnectionStateChange(reportState)
  client.onLifecycle('welcome', ({ member, resumed }) => {
    note('line', resumed ? 'Welcomed back: the relay still knew us' : `Welcomed as ${member.slice(0, 8)}`, 'good')
  })
  client.onLifecycle('subscribed', ({ channel, first, recovered, replaying }) => {
    const room = channel.replace(/^demo:/, '')
    if (first) note('line', `Joined ${room}`)
    else if (!recovered) note('line', `Rejoined ${room}: its history is not what it was`, 'warn')
    else note('line', `Rejoined ${room}: ${replaying > 0 ? `${messages(replaying)} to replay` : 'nothing missed'}`, 'good')
  })
  client.onLifecycle('gap', ({ channel }) => {
    note('problem', `Messages may be missing in ${channel.replace(/^demo:/, '')}`, 'warn')
  })
  client.onLifecycle('problem', ({ error }) => note('problem', `Problem: ${wordsOf(error)}`, 'bad', error.code))
  client.onLifecycle('listenerError', ({ event }) => note('problem', `A listener of ${event} threw`, 'bad'))
  client.onLifecycle('restored', (event) => {
    note('message', `${messages(event.messages.length)} of an earlier page in the queue again`, 'good')
  })
  client.on('message', (_payload, message) => {
    if (message.replayed) gather('message', (count) => `${messages(count)} replayed`, 'good')
    else if (message.own) gather('message', (count) => `${messages(count)} of ours in the history`)
    else gather('message', (count) => `${messages(count)} received`)
  })
  for (const room of rooms) {
    room.channel.presence.onChange(({ joined, left }) => {
      if (joined.length > 0) gather('people', (count) => `${count === 1 ? 'Somebody' : `${count} times somebody`} came to ${room.name}`)
      if (left.length > 0) gather('people', (count) => `${count === 1 ? 'Somebody' : `${count} times somebody`} left ${room.name}`)
    })
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
