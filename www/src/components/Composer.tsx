import { type FormEvent, type KeyboardEvent, type ReactElement, useState } from 'react'
import { useWebSocketConnected } from 'tautline/react'
import type { OpenRoom } from '../hooks/useRoom.ts'

const TEXT_MAX = 2_000

/** Where one types. It works without a connection too: then the message waits. */
export function Composer({ room }: { readonly room: OpenRoom }): ReactElement {
  const [text, setText] = useState('')
  const connected = useWebSocketConnected()

  const write = (value: string): void => {
    setText(value)
    room.chat.typing(value.trim() !== '')
  }
  const send = (): void => {
    const clean = text.trim()
    if (!clean) return
    void room.chat.sendMessage(clean)
    write('')
  }
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault()
    send()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    send()
  }
  return (
    <form className="composer" onSubmit={onSubmit}>
      <label className="unseen" htmlFor="message-input">
        Message to {room.name}
      </label>
      <textarea
        id="message-input"
        data-testid="message-input"
        rows={1}
        maxLength={TEXT_MAX}
        placeholder={connected ? `Message to ${room.name}` : 'Write on, it will wait'}
        value={text}
        onChange={(event) => write(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={() => room.chat.typing(false)}
      />
      <button type="submit" className="button primary" data-testid="send" disabled={text.trim() === ''}>
        Send
      </button>
    </form>
  )
}
