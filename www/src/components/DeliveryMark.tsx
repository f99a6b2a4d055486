import type { ReactElement } from 'react'
import type { ChatMessageStatus } from 'tautline/react'

/** The line between me and the others, for one message: slack, half way, tight, tied. */
const LINES: Readonly<Record<ChatMessageStatus, string>> = {
  sending: 'M3 5q4 6 8 1t8 1t6 0',
  sent: 'M3 7H14',
  delivered: 'M3 7H25',
  read: 'M3 7H25',
  failed: 'M3 7H11M17 7H25',
}

export function DeliveryMark({ delivery, detail }: { readonly delivery: ChatMessageStatus; readonly detail: string | undefined }): ReactElement {
  return (
    <span className="delivery" data-delivery={delivery} title={detail}>
      <span className="delivery-word">{delivery}</span>
      <svg viewBox="0 0 28 14" width="28" height="14" aria-hidden="true">
        <path d={LINES[delivery]} />
        <circle className="delivery-near" cx="3" cy="7" r="2.25" />
        <circle className="delivery-far" cx="25" cy="7" r="2.25" />
      </svg>
    </span>
  )
}
