import { type ReactElement, useEffect, useRef } from 'react'
import { useConnectionState, useTautline } from 'tautline/react'
import { useStore } from '../hooks/useStore.ts'
import { attachLine, type LineParts } from '../model/lineView.ts'
import { transport } from '../model/transport.ts'

/** The most beads: those that travel, and those that wait. */
const BEADS = 12

/** The line itself, between you and the relay: tight while it holds, slack when it does not, with the messages that run along it. */
export function TautLine(): ReactElement {
  const { status } = useConnectionState()
  const client = useTautline()
  const svg = useRef<SVGSVGElement>(null)
  const path = useRef<SVGPathElement>(null)
  const near = useRef<SVGCircleElement>(null)
  const far = useRef<SVGCircleElement>(null)
  const beads = useRef<SVGGElement>(null)
  useEffect(() => {
    if (!svg.current || !path.current || !near.current || !far.current || !beads.current) return
    const knots = [near.current, far.current] as const
    const parts: LineParts = { svg: svg.current, path: path.current, knots, beads: [...beads.current.querySelectorAll('circle')] }
    return attachLine(parts, client)
  }, [client])
  return (
    <div className="stage" data-line={status}>
      <span className="stage-end">you</span>
      <svg ref={svg} className="stage-line" aria-hidden="true">
        <path ref={path} fill="none" />
        <circle ref={near} className="stage-knot near" r="4.5" />
        <circle ref={far} className="stage-knot far" r="4.5" />
        <g ref={beads}>
          {Array.from({ length: BEADS }, (_, index) => (
            <circle key={index} r="3.5" visibility="hidden" />
          ))}
        </g>
      </svg>
      <span className="stage-end">{useStore(transport)}</span>
    </div>
  )
}
