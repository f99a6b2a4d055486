/** The conversations, where an application would ask its database. */
export interface Conversation {
  readonly id: string
  readonly name: string
  readonly topic: string
}

export const conversations: readonly Conversation[] = [
  { id: 'general', name: 'General', topic: 'Everything that fits nowhere else' },
  { id: 'launch', name: 'Launch', topic: 'What has to be done by Friday' },
  { id: 'kitchen', name: 'Kitchen', topic: 'Who brings cake' },
]

export function findConversation(id: string): Conversation | undefined {
  return conversations.find((one) => one.id === id)
}
