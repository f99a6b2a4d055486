import { memo, type ReactElement } from 'react'
import type { ChatMessage, RealtimeChat } from 'tautline/react'
import { note } from '../model/journal.ts'
import { readAttendance, readPerson } from '../model/person.ts'
import { wordsOf } from '../model/words.ts'
import { Avatar } from './Avatar.tsx'
import { DeliveryMark } from './DeliveryMark.tsx'

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
/** The most of a text that is shown. */
const TEXT_MAX = 4_000

interface Props {
  readonly message: ChatMessage
  readonly members: RealtimeChat['members']
  /** Comes right after another of the same author. */
  readonly follows: boolean
  readonly onRetry: (key: string) => unknown
  readonly onDiscard: (key: string) => unknown
}

export const MessageRow = memo(function MessageRow({ message, members, follows, onRetry, onDiscard }: Props): ReactElement {
  const { key, own, user, text, status, replayed, error } = message
  const author = readPerson(user)
  const delivery = own ? status : undefined
  const time = clock.format(message.time)
  const takeBack = (): void => {
    onDiscard(key)
    note('message', 'Took a message back')
  }
  return (
    <article className="message" data-testid="message" data-status={delivery} data-own={own} data-follows={follows} data-replayed={replayed}>
      {follows ? <time className="message-aside">{time}</time> : <Avatar person={author} />}
      <div className="message-body">
        {!follows && (
          <p className="message-head">
            <strong>{author.name}</strong>
            {own && <span className="message-you">you</span>}
            <time>{time}</time>
          </p>
        )}
        <p className="message-text">
          {text.slice(0, TEXT_MAX)}
          {delivery === 'sending' && (
            <span className="message-cancel">
              {' '}
              <button type="button" className="link" onClick={takeBack}>
                Take back
              </button>
            </span>
          )}
          {replayed && (
            <span className="message-replayed" title="Said while we were away, and replayed by the relay">
              caught up
            </span>
          )}
        </p>
        {delivery === 'failed' && (
          <p className="message-failed">
            Not sent{error ? `: ${wordsOf(error)}` : ''}.{' '}
            <button type="button" className="link" onClick={() => onRetry(key)}>
              Send again
            </button>
          </p>
        )}
      </div>
      {delivery && <DeliveryMark delivery={delivery} detail={detailOf(message, members)} />}
    </article>
  )
})

/** Who has it: what the others say in their presence of how far they are. */
function detailOf({ status, epoch, offset }: ChatMessage, members: RealtimeChat['members']): string | undefined {
  if (status !== 'delivered' && status !== 'read') return undefined
  const mark = status === 'read' ? 'read' : 'delivered'
  const names = members
    .filter(({ self }) => !self)
    .map((member) => readAttendance(member))
    .filter((attendance) => attendance.epoch === epoch && attendance[mark] >= offset)
    .map(({ name }) => name)
  return names.length > 0 ? `${status === 'read' ? 'Read by' : 'Delivered to'} ${names.join(', ')}` : undefined
}
