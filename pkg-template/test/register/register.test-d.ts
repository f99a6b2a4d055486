/** Types told once; a project of its own, because the telling holds for all of it. */
import { type Client, createClient } from 'tautline'
import { expectTypeOf } from 'vitest'

interface Events {
  message: { text: string }
}

declare module 'tautline' {
  interface Register {
    events: Events
    presence: { name: string }
  }
}

const client = createClient({ url: '/ws' })
expectTypeOf(client).toEqualTypeOf<Client<Events>>()
expectTypeOf<Client>().toEqualTypeOf<Client<Events>>()
const room = client.channel('room')
room.on('message', ({ text }) => expectTypeOf(text).toBeString())
room.presence.track({ name: 'Ada' })
// @ts-expect-error another state
room.presence.track({ nome: 'Ada' })
expectTypeOf(room.presence.members[0]?.state).toEqualTypeOf<{ name: string } | undefined>()
// @ts-expect-error no such event
room.send('other', 1)
