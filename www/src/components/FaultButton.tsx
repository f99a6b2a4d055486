import type { ReactElement } from 'react'

const NEAR = 'M5.5 7a2 2 0 1 0-4 0a2 2 0 1 0 4 0'
const FAR = 'M26.5 7a2 2 0 1 0 4 0a2 2 0 1 0-4 0'

/** What becomes of the line. */
const PICTURES = {
  drop: `${NEAR}H11l2.5 5M26.5 7H21l-2.5-5${FAR}`,
  stall: `${NEAR}H12M14.5 3v8M17.5 3v8M20 7h6.5${FAR}`,
  kill: `${NEAR}H23M26 4.5l5 5M31 4.5l-5 5`,
  offline: `${NEAR}H9M26.5 7H23M9 11.5L23 2.5${FAR}`,
  'hang-up': `${NEAR}q5 7 11 6M26.5 7${FAR}`,
  many: `${NEAR}${FAR}M9 7h.01M12.5 7h.01M16 7h.01M19.5 7h.01M23 7h.01`,
} as const

interface Props {
  readonly name: keyof typeof PICTURES
  readonly title: string
  /** What will be seen. */
  readonly effect: string
  readonly disabled?: boolean
  readonly onPress: () => void
}

export function FaultButton({ name, title, effect, disabled = false, onPress }: Props): ReactElement {
  return (
    <li>
      <button type="button" className="fault" data-testid={`fault-${name}`} aria-disabled={disabled} onClick={() => disabled || onPress()}>
        <svg viewBox="0 0 32 14" width="32" height="14" aria-hidden="true">
          <path d={PICTURES[name]} />
        </svg>
        <span className="fault-title">{title}</span>
        <span className="fault-effect">{effect}</span>
      </button>
    </li>
  )
}
