/** The event log: the last things that happened to the line, with a time and plain words. */
import { Store } from './store.ts'

export type Kind = 'line' | 'message' | 'people' | 'problem'
export type Tone = 'plain' | 'good' | 'warn' | 'bad'

export interface Note {
  readonly id: number
  readonly time: number
  readonly kind: Kind
  readonly tone: Tone
  readonly text: string
  /** The code of an error, where there is one. */
  readonly code: string | undefined
  /** How many like events this stands for. */
  readonly count: number
}

/** The most notes that are kept. */
const LIMIT = 400
/** Like events closer together than this become one. */
const GATHER_MS = 1_500

export const journal = new Store<readonly Note[]>([])

let ids = 0
let gathering: string | undefined

/** Writes a note. */
export function note(kind: Kind, text: string, tone: Tone = 'plain', code?: string): void {
  gathering = undefined
  write(kind, text, tone, code)
}

/** Writes a note that many like events share. */
export function gather(kind: Kind, words: (count: number) => string, tone: Tone = 'plain'): void {
  const group = words(0)
  const notes = journal.get()
  const last = notes.at(-1)
  if (last && gathering === group && Date.now() - last.time < GATHER_MS) {
    const count = last.count + 1
    journal.set([...notes.slice(0, -1), { ...last, count, text: words(count), time: Date.now() }])
    return
  }
  write(kind, words(1), tone)
  gathering = group
}

export function clearJournal(): void {
  gathering = undefined
  journal.set([])
}

function write(kind: Kind, text: string, tone: Tone, code?: string): void {
  ids += 1
  const entry: Note = { id: ids, time: Date.now(), kind, tone, text, code, count: 1 }
  journal.set([...journal.get(), entry].slice(-LIMIT))
}
