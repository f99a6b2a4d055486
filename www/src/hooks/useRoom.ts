import { useEffect, useMemo, useRef, useState } from 'react'
import { type RealtimeChat, useRealtimeChannel, useRealtimeChat, useRealtimePresence, useTautline } from 'tautline/react'
import { identity, myId } from '../model/identity.ts'
import { note } from '../model/journal.ts'
import { current, type Room } from '../model/rooms.ts'
import { wordsOf } from '../model/words.ts'
import { useStore } from './useStore.ts'

/** A place where something may be missing. */
export interface GapEntry {
  readonly key: string
  /** The message before it; undefined at the beginning. */
  readonly after: string | undefined
  /** How many messages are missing; undefined where nobody can know. */
  readonly missing: number | undefined
}

/** A room, what is said in it, and where something may be missing. */
export interface OpenRoom extends Room {
  readonly chat: RealtimeChat
  readonly gaps: readonly GapEntry[]
}

const GAPS = 20

/** Is in a room, whether it is looked at or not. */
export function useRoom(room: Room): OpenRoom {
  const { channel } = room
  const client = useTautline()
  const person = useStore(identity)
  const here = useStore(current) === room.name
  const me = useMemo(() => ({ ...person, id: myId }), [person])
  const present = useMemo(() => ({ ...me, here }), [me, here])
  const chat = useRealtimeChat(channel, me, { autoRead: here })
  useRealtimePresence({ channel, user: present })

  const { messages } = chat
  const [gaps, setGaps] = useState<readonly GapEntry[]>([])
  useRealtimeChannel({
    channel,
    onGap: ({ lastOffset, nextOffset }) => {
      const before = messages.findLast(({ offset }) => offset > 0)
      // Another history has other offsets: then nobody knows how much.
      const same = before?.epoch === client.channel(channel).position?.epoch
      const gap = { key: crypto.getRandomValues(new Uint32Array(2)).join(), after: before?.key, missing: same && nextOffset > lastOffset ? nextOffset - lastOffset - 1 : undefined }
      setGaps((known) => [...known, gap].slice(-GAPS))
    },
  })

  const told = useRef(new Set<string>())
  useEffect(() => {
    for (const { key, status, error } of messages) {
      if (status !== 'failed' || !error || told.current.has(key)) continue
      told.current.add(key)
      note('problem', `A message was not sent: ${wordsOf(error)}`, 'bad', error.code)
    }
  }, [messages])
  return useMemo(() => ({ ...room, chat, gaps }), [room, chat, gaps])
}
