/** What makes the line move: messages that leave and come, and losses. */
export type Pulse = 'out' | 'in' | 'jolt'

const listeners = new Set<(pulse: Pulse) => void>()

export function pulse(kind: Pulse): void {
  for (const listener of listeners) listener(kind)
}

export function onPulse(listener: (pulse: Pulse) => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
