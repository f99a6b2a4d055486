/** Who I am: kept for this tab alone, so that two tabs are two people. */
import { COLOURS, type Person, readPerson } from './person.ts'
import { Store } from './store.ts'

const KEY = 'tautline-demo:person'

const NAMES = [
  'Ada', 'Bruno', 'Cleo', 'Dina', 'Emil', 'Freya', 'Gus', 'Hana', 'Ines', 'Jonas', 'Kaya', 'Luca',
  'Mira', 'Nils', 'Olive', 'Pia', 'Quentin', 'Rosa', 'Sami', 'Tove', 'Ugo', 'Vera', 'Wanda', 'Yara',
] as const

/** Tells me from others of the same name: another one in each page, because a duplicated tab is somebody else. */
export const myId = crypto.getRandomValues(new Uint32Array(4)).join('-')

export const identity = new Store<Person>(stored() ?? random())

export function rename(person: Person): void {
  const clean = readPerson(person)
  identity.set(clean)
  keep(clean)
}

/** Makes a random person last over a reload. */
export function keepIdentity(): void {
  keep(identity.get())
}

function stored(): Person | undefined {
  try {
    const text = sessionStorage.getItem(KEY)
    return text === null ? undefined : readPerson(JSON.parse(text))
  } catch {
    return undefined
  }
}

function keep(person: Person): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(person))
  } catch {
    // Without storage a reload makes somebody new, and that is all.
  }
}

function random(): Person {
  return { name: pick(NAMES), colour: pick(COLOURS) }
}

function pick<T>(choices: readonly [T, ...T[]]): T {
  return choices[Math.floor(Math.random() * choices.length)] ?? choices[0]
}
