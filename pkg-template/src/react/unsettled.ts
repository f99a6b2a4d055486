/**
 * What was sent in a channel and is not settled yet, by whomever: by components that are gone meanwhile, or by an earlier page. Those that come
 * later show it too. What failed stays until somebody forgets it.
 */
import type { Channel } from '../channel.ts'
import type { Client } from '../client.ts'
import type { EventMap, Unsubscribe } from '../events.ts'
import type { RestoredMessage } from '../lifecycle.ts'
import { shared } from './store.ts'

/** One message on its way. */
export type Unsettled = Pick<RestoredMessage, 'event' | 'payload' | 'handle'>

type Follower = (message: Unsettled) => void

interface Kept {
  readonly messages: Set<Unsettled>
  readonly followers: Set<Follower>
}

function keptOf(channel: Channel<EventMap>): Kept {
  return shared(channel, 'unsettled', () => ({ messages: new Set<Unsettled>(), followers: new Set<Follower>() }))
}

/** Remembers a message until it is settled. */
export function keep(channel: Channel<EventMap>, message: Unsettled): void {
  const { messages, followers } = keptOf(channel)
  messages.add(message)
  message.handle.receipt.then(
    () => messages.delete(message),
    () => {},
  )
  for (const follower of followers) follower(message)
}

/** Forgets what failed. */
export function forget(channel: Channel<EventMap>, message: Unsettled): void {
  keptOf(channel).messages.delete(message)
}

/** Hears what is there already, and all that is sent from now on. */
export function follow(channel: Channel<EventMap>, follower: Follower): Unsubscribe {
  const { messages, followers } = keptOf(channel)
  for (const message of messages) follower(message)
  followers.add(follower)
  return () => followers.delete(follower)
}

/** Remembers what an earlier page left in the client's queue. */
export function keepRestored(client: Client<EventMap>, messages: readonly RestoredMessage[]): void {
  for (const message of messages) if (message.channel) keep(client.channel(message.channel), message)
}
