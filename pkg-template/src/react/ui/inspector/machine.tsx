/** The states of a connection as a picture, with the present one lit. */
import type { ReactElement } from 'react'
import type { ConnectionStatus } from '../../../state.ts'

const WIDTH = 300
const HEIGHT = 165
const BOX = { width: 92, height: 26 }

/** The middle of each box. */
const PLACES: Readonly<Record<ConnectionStatus, readonly [x: number, y: number]>> = {
  idle: [50, 20],
  connecting: [150, 20],
  connected: [250, 20],
  reconnecting: [200, 75],
  closed: [250, 130],
  failed: [150, 130],
}

/** From edge to edge. */
const WAYS = [
  'M96 20H103',
  'M196 20H203',
  'M165 33L182 60',
  'M218 60L235 35',
  'M228 33L211 60',
  'M188 88L165 115',
  'M212 88L235 115',
  'M262 33V115',
  'M140 33V115',
]

/** The picture. Its words are said beside it too. */
export function Machine({ status }: { readonly status: ConnectionStatus }): ReactElement {
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`States of the connection; the present one is ${status}`}>
      <defs>
        <marker id="tautline-tip" viewBox="0 0 6 6" refX="5" refY="3" markerWidth="6" markerHeight="6" orient="auto">
          <path d="M0 0L6 3L0 6Z" />
        </marker>
      </defs>
      {WAYS.map((path) => (
        <path key={path} data-way d={path} markerEnd="url(#tautline-tip)" />
      ))}
      {(Object.keys(PLACES) as ConnectionStatus[]).map((state) => {
        const [x, y] = PLACES[state]
        return (
          <g key={state} data-state={state} data-now={state === status || undefined}>
            <rect x={x - BOX.width / 2} y={y - BOX.height / 2} width={BOX.width} height={BOX.height} rx={6} />
            <text x={x} y={y} dy="0.35em">
              {state}
            </text>
          </g>
        )
      })}
      <text data-note x={WIDTH / 2} y={HEIGHT - 4}>
        Also: connected to failed; connect() begins again
      </text>
    </svg>
  )
}
