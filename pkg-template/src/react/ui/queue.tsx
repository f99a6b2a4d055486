/** `QueueIndicator`: how much waits to be sent. */
import type { ReactElement } from 'react'
import type { Client } from '../../client.ts'
import type { EventMap } from '../../events.ts'
import { useTautline } from '../context.ts'
import { shared, Store, useStore } from '../store.ts'
import { Announcer } from './announcer.tsx'
import type { PartProps, SpokenProps } from './part.ts'

/** How often the queue is looked at, in milliseconds. */
const EVERY_MS = 500

/** Props of {@link QueueIndicator}. */
export interface QueueIndicatorProps extends PartProps, SpokenProps {
  /** The words, also in other languages. For 0 they are only said aloud. */
  readonly text?: ((count: number) => string) | undefined
}

/**
 * How many messages wait to be sent or acknowledged. What passes within a moment, as on a good line, is not shown. `data-count` of its element is the
 * number, and while that is 0 it is `hidden`.
 *
 * @example
 * <QueueIndicator text={(count) => t('queue', { count })} />
 */
export function QueueIndicator({ text = queueText, announce = true, ...rest }: QueueIndicatorProps): ReactElement {
  const client = useTautline<EventMap>()
  const count = useStore(shared(client, 'queue', () => queueOf(client))) ?? 0
  return (
    <>
      <span {...rest} data-tautline="queue-indicator" data-count={count} hidden={count === 0}>
        {count > 0 && text(count)}
      </span>
      {announce && <Announcer about={count > 0} text={text(count)} />}
    </>
  )
}

/** The size of the queue; nothing tells when it changes. */
function queueOf(client: Client<EventMap>): Store<number> {
  return new Store(0, (store) => {
    let before = 0
    const look = (): void => {
      const { state, queueSize } = client.getConnectionInfo()
      // On a living line it has to be there twice: most messages are acknowledged between two looks.
      store.set(state === 'connected' && before === 0 ? 0 : queueSize)
      before = queueSize
    }
    look()
    const timer = setInterval(look, EVERY_MS)
    return () => clearInterval(timer)
  })
}

function queueText(count: number): string {
  if (count === 0) return 'Nothing waits to be sent'
  return count === 1 ? '1 message waits to be sent' : `${count} messages wait to be sent`
}
