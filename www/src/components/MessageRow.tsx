import { memo, type ReactElement } from 'react'
import { deliveryOf } from '../model/delivery.ts'
import type { Room } from '../model/room.ts'
import type { MessageEntry } from '../model/timeline.ts'
import { wordsOf } from '../model/words.ts'
import { Avatar } from './Avatar.tsx'
import { DeliveryMark } from './DeliveryMark.tsx'

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })

interface Props {
  readonly room: Room
  readonly entry: MessageEntry
  /** Comes right after another of the same author. */
  readonly follows: boolean
}

export const MessageRow = memo(function MessageRow({ room, entry, follows }: Props): ReactElement {
  const { own, author, text, status, replayed, deliveredTo, readBy, handle } = entry
  const delivery = own ? deliveryOf(status, deliveredTo.length, readBy.length) : undefined
  const names = (members: readonly string[]): string => [...new Set(members.map((member) => room.nameOf(member)))].join(', ')
  const detail = delivery === 'read' ? `Read by ${names(readBy)}` : delivery === 'delivered' ? `Delivered to ${names(deliveredTo)}` : undefined
  const time = clock.format(entry.time)
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
          {text}
          {status === 'queued' && handle && (
            <span className="message-cancel">
              {' '}
              <button type="button" className="link" onClick={() => handle.cancel()}>
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
            Not sent{handle?.error ? `: ${wordsOf(handle.error)}` : ''}.{' '}
            <button type="button" className="link" onClick={() => room.resend(entry)}>
              Send again
            </button>
          </p>
        )}
      </div>
      {delivery && <DeliveryMark delivery={delivery} detail={detail} />}
    </article>
  )
})
