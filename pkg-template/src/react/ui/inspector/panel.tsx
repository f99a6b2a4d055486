/** The inspector's panel: everything that a client tells about itself. Downloaded when it is opened first. */
import { type KeyboardEvent, type ReactElement, useId, useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react'
import type { Client } from '../../../client.ts'
import type { EventMap } from '../../../events.ts'
import { hold, shared } from '../../store.ts'
import { LatencyChart } from './chart.tsx'
import { Facts } from './facts.tsx'
import { Frames } from './frames.tsx'
import { Machine } from './machine.tsx'
import { Recorder, type Snapshot } from './recorder.ts'
import { reportOf, round, time } from './report.ts'
import { Section } from './section.tsx'
import { wear } from './styles.ts'

/** What the panel needs. */
export interface PanelProps {
  /** Whom it is about. */
  readonly client: Client<EventMap>
  /** The panel's id, for the button that opens it. */
  readonly id: string
  /** Closes it. */
  readonly onClose: () => void
}

/** The panel. Focus goes into it when it opens, and Escape closes it. */
export function Panel({ client, id, onClose }: PanelProps): ReactElement {
  const recorder = shared(client, 'inspector', () => new Recorder(client))
  const live = useSyncExternalStore(recorder.subscribe, recorder.get, recorder.get)
  const [held, setHeld] = useState<Snapshot>()
  const heading = useRef<HTMLHeadingElement>(null)
  const title = useId()
  // Before it is seen: no panel that misses what happens, none without its style, and no key that goes elsewhere.
  useLayoutEffect(() => hold(recorder, () => recorder.start()), [recorder])
  useLayoutEffect(wear, [])
  useLayoutEffect(() => heading.current?.focus(), [])
  const snapshot = held ?? live
  const closing = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.defaultPrevented) return
    event.stopPropagation()
    onClose()
  }
  return (
    <div id={id} role="dialog" aria-labelledby={title} data-tautline="inspector" onKeyDown={closing}>
      <header>
        <h2 id={title} ref={heading} tabIndex={-1}>
          Tautline inspector
        </h2>
        <button type="button" aria-pressed={held !== undefined} onClick={() => setHeld(held ? undefined : live)}>
          Pause
        </button>
        <button type="button" onClick={onClose}>
          Close
        </button>
      </header>
      <Connection client={client} snapshot={snapshot} />
      <Numbers snapshot={snapshot} />
      <Section title="Events">
        <ol data-part="events" tabIndex={snapshot.notes.length > 0 ? 0 : undefined} aria-label="Events, the newest first">
          {[...snapshot.notes].reverse().map(({ at, what, channel }, index) => (
            <li key={snapshot.notes.length - index}>
              {time(at)} {what}
              {channel && `, ${channel}`}
            </li>
          ))}
        </ol>
        {snapshot.notes.length === 0 && <p>Nothing happened since this panel was opened.</p>}
      </Section>
      <Section title="Frames">
        <Frames frames={snapshot.frames} count={snapshot.frameCount} />
      </Section>
      <Report snapshot={snapshot} />
    </div>
  )
}

function Connection({ client, snapshot }: { readonly client: Client<EventMap>; readonly snapshot: Snapshot }): ReactElement {
  const { at, state, step, info, beatAt, tokenUntil, url, states } = snapshot
  const seconds = (ms: number): string => `${round(Math.max(0, ms) / 1_000)} s`
  const on = state.status === 'connecting' || state.status === 'connected' || state.status === 'reconnecting'
  return (
    <Section title="Connection">
      <Machine status={state.status} />
      <Facts
        facts={{
          State: `${state.status}${state.since ? `, for ${seconds(at - state.since)}` : ''}`,
          'Waits for': step,
          Why: state.cause?.code,
          'Next attempt': info.retryInMs === undefined ? undefined : `in ${seconds(info.retryInMs)}`,
          Attempts: `${info.attempt} since the last stable connection`,
          'Last heartbeat': beatAt === undefined ? undefined : `${seconds(at - beatAt)} ago`,
          'Token ends': tokenUntil === undefined ? undefined : `in ${seconds(tokenUntil - at)}`,
          Address: url || undefined,
          Connection: info.connectionId,
          Shard: info.shardId,
        }}
      />
      <p data-part="actions">
        {on ? (
          <button type="button" onClick={() => client.close()}>
            Disconnect
          </button>
        ) : (
          <button type="button" onClick={() => client.connect()}>
            Connect
          </button>
        )}
        <button type="button" disabled={state.status !== 'reconnecting'} onClick={() => client.retry()}>
          Try now
        </button>
      </p>
      <details>
        <summary>{states.length} states since this panel was opened</summary>
        <ol>
          {states.map(({ at, status, cause }, index) => (
            <li key={index}>
              {at > 0 && time(at)} {status}
              {cause && `, ${cause}`}
            </li>
          ))}
        </ol>
      </details>
    </Section>
  )
}

function Numbers({ snapshot: { info, stats, latencies, bufferedBytes } }: { readonly snapshot: Snapshot }): ReactElement {
  const { latencyMs, reconnectCauses } = stats
  return (
    <>
      <Section title="Queue">
        <Facts
          facts={{
            Waiting: `${info.queueSize} messages, ${info.queueBytes} bytes`,
            'In the socket': `${bufferedBytes} bytes`,
            Sent: `${stats.sent}, ${stats.bytesSent} bytes`,
            Acknowledged: stats.acked,
            Failed: stats.failed,
            Received: `${stats.received}, ${stats.bytesReceived} bytes`,
          }}
        />
      </Section>
      <Section title="Latency">
        <LatencyChart latencies={latencies} />
        <Facts
          facts={{
            Quality: stats.quality,
            Usual: latencyMs && `${round(latencyMs.p50)} ms`,
            '19 of 20 below': latencyMs && `${round(latencyMs.p95)} ms`,
            '99 of 100 below': latencyMs && `${round(latencyMs.p99)} ms`,
          }}
        />
      </Section>
      <Section title="Losses">
        <Facts
          facts={{
            Reconnects: stats.reconnects,
            ...reconnectCauses,
            'Subscriptions recovered': stats.recovered,
            'Messages replayed': stats.replayed,
            'Duplicates dropped': stats.duplicates,
            Gaps: stats.gaps,
            'Frames skipped': stats.skipped,
          }}
        />
      </Section>
    </>
  )
}

function Report({ snapshot }: { readonly snapshot: Snapshot }): ReactElement {
  const [report, setReport] = useState('')
  const [copied, setCopied] = useState('')
  const text = useRef<HTMLTextAreaElement>(null)
  const copy = async (): Promise<void> => {
    const made = reportOf(snapshot, navigator.userAgent)
    setReport(made)
    try {
      await navigator.clipboard.writeText(made)
      setCopied('Copied. Read it before you hand it on.')
    } catch {
      // Not a secure page, or not allowed.
      setCopied('Copy it from here.')
      text.current?.select()
    }
  }
  return (
    <Section title="Bug report">
      <p>Without contents of messages, names of channels, tokens and values of addresses.</p>
      <p data-part="actions">
        <button type="button" onClick={() => void copy()}>
          Copy as a bug report
        </button>
        <span role="status">{copied}</span>
      </p>
      <textarea ref={text} readOnly aria-label="Bug report" rows={8} hidden={!report} value={report} />
    </Section>
  )
}
