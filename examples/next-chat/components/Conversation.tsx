'use client'

import type { ReactElement } from 'react'
import { useRealtimeChat } from 'tautline/react'
import { PresenceAvatars, TypingIndicator } from 'tautline/react/ui'
import { channelOf } from '@/lib/channels'
import type { Conversation as Place } from '@/lib/conversations'
import { Composer } from './Composer'
import { MessageList } from './MessageList'
import { useMe } from './Realtime'

/** What is said in one conversation, and who is there. */
export function Conversation({ conversation }: { readonly conversation: Place }): ReactElement {
  const chat = useRealtimeChat(channelOf(conversation.id), useMe())
  const { members, typingUsers, error } = chat
  return (
    <main className="conversation">
      <header className="conversation-head">
        <h1>{conversation.name}</h1>
        <p>{conversation.topic}</p>
        <PresenceAvatars users={members} max={4} data-testid="here" />
      </header>
      {error && (
        <p className="problem" role="alert">
          {error.message}
        </p>
      )}
      <MessageList chat={chat} />
      <TypingIndicator users={typingUsers} className="typing" data-testid="typing" />
      <Composer conversation={conversation} onSend={chat.sendMessage} onType={chat.typing} />
    </main>
  )
}
