'use client'

import { type KeyboardEvent, type ReactElement, useState } from 'react'
import { useWebSocketConnected } from 'tautline/react'
import type { Conversation } from '@/lib/conversations'

const TEXT_MAX = 2_000

interface Props {
  readonly conversation: Conversation
  readonly onSend: (text: string) => void
  readonly onType: (active?: boolean) => void
}

/** Where one writes. Without a connection too: then the message waits. */
export function Composer({ conversation, onSend, onType }: Props): ReactElement {
  const [text, setText] = useState('')
  const connected = useWebSocketConnected()
  const clean = text.trim()

  const send = (): void => {
    if (!clean) return
    onSend(clean)
    onType(false)
    setText('')
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    send()
  }
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <label className="unseen" htmlFor="message">
        Message to {conversation.name}
      </label>
      <textarea
        id="message"
        rows={1}
        maxLength={TEXT_MAX}
        placeholder={connected ? `Message to ${conversation.name}` : 'Write on: it waits until there is a connection'}
        value={text}
        onChange={({ target: { value } }) => {
          setText(value)
          onType(value.trim() !== '')
        }}
        onKeyDown={onKeyDown}
        onBlur={() => onType(false)}
      />
      <button type="submit" className="button primary" disabled={!clean}>
        Send
      </button>
    </form>
  )
}
