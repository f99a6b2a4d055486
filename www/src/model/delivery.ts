/** How far a message of mine has come: the client's own statuses, then what the others say. */
import type { SendStatus } from 'tautline'

/** `sent`: the relay has it. `delivered` and `read`: at least one other member says so. */
export type Delivery = 'sending' | 'sent' | 'delivered' | 'read' | 'failed'

export function deliveryOf(status: SendStatus, deliveredTo: number, readBy: number): Delivery {
  if (status === 'failed') return 'failed'
  if (status !== 'acked') return 'sending'
  if (readBy > 0) return 'read'
  return deliveredTo > 0 ? 'delivered' : 'sent'
}
