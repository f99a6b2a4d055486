/** `RealtimeIndicator`: whether what is on the page is live. */
import type { ReactElement } from 'react'
import { useChannel, useStatusOf } from '../channel.ts'
import { useConnectionState } from '../connection.ts'
import type { PartProps } from './part.ts'

/** `live`: changes come as they happen. `waiting`: they will again. `off`: they do not. */
export type Liveness = 'live' | 'waiting' | 'off'

/** Props of {@link RealtimeIndicator}. */
export interface RealtimeIndicatorProps extends PartProps {
  /** Tells of this channel, which something else on the page subscribes to. Default: of the connection alone. */
  readonly channel?: string | undefined
  /** The words, also in other languages. */
  readonly text?: ((live: Liveness) => string) | undefined
}

/**
 * Whether what is on the page is live. `data-live` of its element says it to stylesheets.
 *
 * @example
 * <h2>Orders <RealtimeIndicator channel="orders" /></h2>
 */
export function RealtimeIndicator({ channel: name, text = liveText, ...rest }: RealtimeIndicatorProps): ReactElement {
  const { status } = useConnectionState()
  const channel = useStatusOf(useChannel(name))
  const live = livenessOf(status, name ? channel : 'subscribed')
  return (
    <span {...rest} data-tautline="realtime-indicator" data-live={live}>
      <span data-part="dot" aria-hidden />
      <span data-part="text">{text(live)}</span>
    </span>
  )
}

function livenessOf(status: string, channel: string): Liveness {
  if (channel === 'idle' || channel === 'refused') return 'off'
  if (status === 'connected') return channel === 'subscribed' ? 'live' : 'waiting'
  return status === 'connecting' || status === 'reconnecting' ? 'waiting' : 'off'
}

function liveText(live: Liveness): string {
  return { live: 'Live', waiting: 'Waiting for the connection', off: 'Not live' }[live]
}
