import type { ReactElement } from 'react'

interface Props {
  readonly name: string
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
        <span className="fault-title">{title}</span>
        <span className="fault-effect">{effect}</span>
      </button>
    </li>
  )
}
