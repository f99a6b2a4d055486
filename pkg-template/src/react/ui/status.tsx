/** `ConnectionStatus`: the connection in words. */
import type { ReactElement } from 'react'
import type { ConnectionStatus as Status } from '../../state.ts'
import { useConnectionState } from '../connection.ts'
import { useTautline } from '../context.ts'
import { shared, Store, useStore } from '../store.ts'
import { Announcer } from './announcer.tsx'
import type { PartProps, SpokenProps } from './part.ts'

/** Props of {@link ConnectionStatus}. */
export interface ConnectionStatusProps extends PartProps, SpokenProps {
  /** The words, also in other languages. `retryInS`: whole seconds until the next attempt; 0 while one is under way, and otherwise. */
  readonly text?: ((status: Status, retryInS: number) => string) | undefined
  /** The words of a button that tries again now; it is there while there is something to try. Default: no button. */
  readonly retry?: string | undefined
}

/**
 * The connection in words, with the seconds until the next attempt. `data-status` of its element is the status.
 *
 * @example
 * <ConnectionStatus retry="Try now" />
 */
export function ConnectionStatus({ text = statusText, retry, announce = true, ...rest }: ConnectionStatusProps): ReactElement {
  const client = useTautline()
  const state = useConnectionState()
  const { status, since, retryInMs = 0 } = state
  const seconds = useStore(shared(state, 'countdown', () => countdownTo(since + retryInMs))) ?? 0
  const beginning = status === 'idle' || status === 'connecting'
  const stuck = status === 'failed' || status === 'closed'
  return (
    <span {...rest} data-tautline="connection-status" data-status={status}>
      <span data-part="dot" aria-hidden />
      <span data-part="text">{text(status, seconds)}</span>
      {retry && (stuck || seconds > 0) && (
        <button type="button" data-part="retry" onClick={() => (stuck ? client.connect() : client.retry())}>
          {retry}
        </button>
      )}
      {/* That a page connects is no news, but that it does again is. */}
      {announce && <Announcer about={beginning ? 'connected' : status} passing={beginning} text={text(status, 0)} />}
    </span>
  )
}

function statusText(status: Status, retryInS: number): string {
  if (status === 'reconnecting' && retryInS > 0) return `Offline, next try in ${retryInS} s`
  return {
    idle: 'Not connected',
    connecting: 'Connecting…',
    connected: 'Connected',
    reconnecting: 'Reconnecting…',
    closed: 'Disconnected',
    failed: 'Connection failed',
  }[status]
}

/** Whole seconds until a time, in milliseconds since 1970. */
function countdownTo(time: number): Store<number> {
  const left = (): number => Math.max(0, Math.ceil((time - Date.now()) / 1_000))
  return new Store(0, (store) => {
    store.set(left())
    if (store.get() === 0) return () => {}
    const timer = setInterval(() => {
      store.set(left())
      if (store.get() === 0) clearInterval(timer)
    }, 250)
    return () => clearInterval(timer)
  })
}
