'use client'

import { memo, type ReactElement } from 'react'
import type { ChatMessage, ChatMessageStatus } from 'tautline/react'
import { Avatar } from './Avatar'

const clock = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit' })
const WORDS: Readonly<Record<ChatMessageStatus, string>> = {
  sending: 'Sending',
  sent: 'Sent',
  delivered: 'Delivered',
  read: 'Read',
  failed: 'Not sent',
}

interface Props {
  readonly message: ChatMessage
  /** Comes right after another of the same person. */
  readonly together: boolean
  readonly onRetry: (key: string) => void
  readonly onDiscard: (key: string) => void
}

export const MessageRow = memo(function MessageRow({ message, together, onRetry, onDiscard }: Props): ReactElement {
  const { key, own, status, text, time, user, error } = message
  const name = user.name ?? user.id
  return (
    <article className="message" data-testid="message" data-own={own} data-status={own ? status : undefined} data-together={together}>
      {!own && !together && <Avatar id={user.id} name={name} />}
      <div className="bubble">
        <p className={together || own ? 'unseen' : 'author'}>{name}</p>
        <p className="text">{text}</p>
        <p className="meta">
          <time dateTime={new Date(time).toISOString()}>{clock.format(time)}</time>
          {own && <span className="fate">{WORDS[status]}</span>}
        </p>
      </div>
      {status === 'failed' && (
        <p className="failed">
          {error?.message}{' '}
          <button type="button" className="quiet" onClick={() => onRetry(key)}>
            Try again
          </button>{' '}
          <button type="button" className="quiet" onClick={() => onDiscard(key)}>
            Discard
          </button>
        </p>
      )}
    </article>
  )
})
