import type { ReactElement } from 'react'
import type { ConnectionStatus } from 'tautline'
import { useConnectionState } from 'tautline/react'
import { useStore } from '../hooks/useStore.ts'
import { BOX, HEIGHT, PLACES, WAYS, WIDTH } from '../model/diagram.ts'
import { transition } from '../model/transition.ts'
import { StateCaption } from './StateCaption.tsx'

const STATES = Object.keys(PLACES) as ConnectionStatus[]

/** The state machine, live: the present state lit, the last way drawn again. */
export function StateDiagram(): ReactElement {
  const { status } = useConnectionState()
  const { from, to, number } = useStore(transition)
  const last = WAYS.find((way) => way.from === from && way.to === to)
  return (
    <section className="diagram" aria-labelledby="diagram-title" data-line={status}>
      <h3 className="label" id="diagram-title">
        State
      </h3>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`State machine; the state is ${status}`}>
        <defs>
          <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path className="diagram-tip" d="M1 1L7 4L1 7" />
          </marker>
          <marker id="tip-lit" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" markerUnits="userSpaceOnUse" orient="auto">
            <path className="diagram-tip lit" d="M1 1L7 4L1 7" />
          </marker>
        </defs>
        {WAYS.map((way) => (
          <path key={`${way.from} ${way.to}`} className="diagram-way" d={way.path} markerEnd="url(#tip)" />
        ))}
        {last && (
          <g key={number}>
            <path className="diagram-way lit" d={last.path} markerEnd="url(#tip-lit)" />
            <path className="diagram-run" d={last.path} pathLength={1} />
          </g>
        )}
        {STATES.map((state) => {
          const [x, y] = PLACES[state]
          return (
            <g key={state} className="diagram-state" data-active={state === status} transform={`translate(${x} ${y})`}>
              <rect x={-BOX.width / 2} y={-BOX.height / 2} width={BOX.width} height={BOX.height} rx={BOX.height / 2} />
              <text dy="0.35em">{state}</text>
            </g>
          )
        })}
      </svg>
      <StateCaption />
    </section>
  )
}
