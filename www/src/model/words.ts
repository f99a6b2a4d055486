/** Error codes in plain words, short enough for a line. */
import type { ErrorCode, TautlineError } from 'tautline'

const WORDS: Partial<Record<ErrorCode, string>> = {
  'peer/bad-frame': 'the relay sent something unreadable',
  'peer/unexpected': 'the relay spoke out of turn',
  'peer/protocol': 'this is not a Tautline relay',
  'refused/auth-required': 'the relay wants a token',
  'refused/forbidden': 'the relay does not allow this',
  'refused/rate-limited': 'too fast for the relay',
  'refused/too-large': 'too large for the relay',
  'refused/unavailable': 'the relay cannot do this now',
  'lost/closed': 'the relay closed the connection',
  'lost/network': 'the line is broken',
  'lost/heartbeat': 'the relay stopped answering',
  'lost/reconnect-asked': 'the relay asked us to come back later',
  'lost/server-busy': 'the relay is too busy',
  'lost/page-hidden': 'the page was put away',
  'late/open': 'the relay did not pick up',
  'late/handshake': 'the relay did not welcome us in time',
  'late/ack': 'the relay did not acknowledge a message in time',
  'late/reply': 'no answer came in time',
  'late/subscribe': 'the relay did not answer a subscription in time',
  'dropped/overflow': 'the queue is full',
  'dropped/expired': 'it waited too long',
  'dropped/cancelled': 'you took it back',
  'dropped/too-large': 'it is too large for the relay',
  'dropped/closed': 'the client was shut down',
  'dropped/not-connected': 'there is no connection',
}

/** Why, in words that fit after a colon. */
export function wordsOf(error: TautlineError): string {
  return WORDS[error.code] ?? error.message.replace(` [${error.code}]`, '')
}
