/** Who somebody says they are. What others send is read here and nowhere else, because it can be anything. */

/** The colours of people; each has a custom property in tokens.css. */
export const COLOURS = ['vermilion', 'amber', 'moss', 'teal', 'ocean', 'indigo', 'plum', 'rose'] as const

export type Colour = (typeof COLOURS)[number]

/** The most letters of a name. */
export const NAME_MAX = 24

export interface Person {
  readonly name: string
  readonly colour: Colour
}

/** What a member tells a room about itself through presence. */
export interface Attendance extends Person {
  /** Looks at the room now. */
  readonly here: boolean
  /** The history that the two offsets belong to. */
  readonly epoch: string
  /** The last message that reached this member. */
  readonly delivered: number
  /** The last message that this member saw. */
  readonly read: number
}

type Fields = Readonly<Record<string, unknown>>

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {})
const offsetOf = (value: unknown): number => (typeof value === 'number' && Number.isSafeInteger(value) ? value : 0)

export function readPerson(value: unknown): Person {
  const { name, colour } = fieldsOf(value)
  return {
    name: (typeof name === 'string' && name.trim().slice(0, NAME_MAX)) || 'Somebody',
    colour: COLOURS.find((known) => known === colour) ?? 'teal',
  }
}

export function readAttendance(value: unknown): Attendance {
  const { here, epoch, delivered, read } = fieldsOf(value)
  return {
    ...readPerson(value),
    here: here === true,
    epoch: typeof epoch === 'string' ? epoch : '',
    delivered: offsetOf(delivered),
    read: offsetOf(read),
  }
}

/** One or two letters that stand for a name. */
export function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter(Boolean)
  const letters = words.length > 1 ? [words[0], words.at(-1)].map((word) => [...(word ?? '')][0]) : [...name].slice(0, 2)
  return letters.join('').toLocaleUpperCase()
}
