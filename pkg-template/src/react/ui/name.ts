/** What people are called: what they say of themselves can be anything, and of any length. */

const LONGEST = 80

/** The name to show; undefined where there is none. */
export function nameOf({ name }: { readonly name?: unknown }): string | undefined {
  const text = typeof name === 'string' ? name.trim() : ''
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text || undefined
}
