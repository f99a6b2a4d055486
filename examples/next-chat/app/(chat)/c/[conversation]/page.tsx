import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import type { ReactElement } from 'react'
import { Conversation } from '@/components/Conversation'
import { findConversation } from '@/lib/conversations'

interface Props {
  readonly params: Promise<{ readonly conversation: string }>
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { conversation: id } = await params
  return { title: findConversation(id)?.name ?? 'Nothing here' }
}

export default async function ConversationPage({ params }: Props): Promise<ReactElement> {
  const { conversation: id } = await params
  const conversation = findConversation(id)
  if (!conversation) notFound()
  return <Conversation key={id} conversation={conversation} />
}
