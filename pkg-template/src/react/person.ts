/** Who somebody is: what others send can be anything, and is read here. */
import type { Member } from '../presence.ts'

/** What is said of a person at least. */
export interface Person {
  /** The same for all of a person's tabs and devices. */
  readonly id: string
  /** As it is shown. */
  readonly name?: string | undefined
  /** The address of a picture. */
  readonly avatar?: string | undefined
}

/** Who a member is: as the token says, or else they themselves. */
export function idOf({ id, user, state }: Member): string {
  const claimed = fieldsOf(state)['id']
  return user ?? (typeof claimed === 'string' ? claimed : id)
}

/** What a stranger says of a person: a name or a picture that is no text is none. */
export function claimOf(value: unknown): Readonly<Record<string, unknown>> {
  const { name, avatar, ...others } = fieldsOf(value)
  return { ...others, ...(typeof name === 'string' && { name }), ...(typeof avatar === 'string' && { avatar }) }
}

/** What a stranger sent, as an object. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
