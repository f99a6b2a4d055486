/** Draws the string: moves it by the client's state and by what travels, and only while there is something to see. */
import type { Client, ConnectionStatus } from 'tautline'
import type { Events } from '../client.ts'
import { onPulse, type Pulse } from './pulses.ts'
import { TautString } from './tautString.ts'

export interface LineParts {
  readonly svg: SVGSVGElement
  readonly path: SVGPathElement
  /** Our end and the relay's. */
  readonly knots: readonly [SVGCircleElement, SVGCircleElement]
  readonly beads: readonly SVGCircleElement[]
}

interface Bead {
  /** 0 is here, 1 is the relay. */
  at: number
  readonly direction: 1 | -1
}

const SHAPES: Record<ConnectionStatus, { sag: number; drop: number }> = {
  idle: { sag: 0.7, drop: 0 },
  connecting: { sag: 0.45, drop: 0 },
  connected: { sag: 0, drop: 0 },
  reconnecting: { sag: 0.85, drop: 0 },
  closed: { sag: 0.5, drop: 1 },
  failed: { sag: 0.5, drop: 1 },
}

const POINTS = 56
/** How long a bead needs from end to end. */
const TRAVEL_S = 0.75
const MARGIN = 6

/** Begins to draw; the result ends it. */
export function attachLine({ svg, path, knots, beads }: LineParts, client: Client<Events>): () => void {
  const string = new TautString()
  const calm = window.matchMedia('(prefers-reduced-motion: reduce)')
  const travelling: Bead[] = []
  let frame = 0
  let last = 0
  let width = 0
  let depth = 0
  let queued = 0

  const draw = (): void => {
    const middle = svg.clientHeight / 2
    const y = (at: number): number => middle + string.height(at) * depth
    const x = (at: number): number => MARGIN + at * (width - 2 * MARGIN)
    let line = ''
    for (let point = 0; point <= POINTS; point += 1) {
      const at = point / POINTS
      line += `${point === 0 ? 'M' : 'L'}${x(at).toFixed(1)} ${y(at).toFixed(2)}`
    }
    path.setAttribute('d', line)
    knots.forEach((knot, end) => {
      knot.setAttribute('cx', x(end).toFixed(1))
      knot.setAttribute('cy', middle.toFixed(1))
    })
    const places = [...travelling.map(({ at }) => at), ...Array.from({ length: queued }, (_, index) => 0.03 + index * 0.022)]
    beads.forEach((bead, index) => {
      const at = places[index]
      bead.setAttribute('visibility', at === undefined ? 'hidden' : 'visible')
      if (at === undefined) return
      bead.setAttribute('cx', x(at).toFixed(1))
      bead.setAttribute('cy', y(at).toFixed(2))
    })
  }

  const tick = (time: number): void => {
    const seconds = Math.min(0.05, (time - last) / 1_000)
    last = time
    string.step(seconds)
    for (const bead of travelling) bead.at += (bead.direction * seconds) / TRAVEL_S
    for (let index = travelling.length - 1; index >= 0; index -= 1) {
      const bead = travelling[index]
      if (bead && (bead.at < 0 || bead.at > 1)) travelling.splice(index, 1)
    }
    draw()
    frame = string.still && travelling.length === 0 ? 0 : requestAnimationFrame(tick)
  }

  const wake = (): void => {
    if (calm.matches) {
      string.settle()
      travelling.length = 0
      draw()
    } else if (frame === 0) {
      last = performance.now()
      frame = requestAnimationFrame(tick)
    }
  }

  const onState = (): void => {
    const shape = SHAPES[client.state.status]
    string.hold(shape.sag, shape.drop)
    if (client.state.status === 'connected') string.pluck(0.5, 0.35)
    wake()
  }
  const move = (kind: Pulse): void => {
    if (kind === 'jolt') string.pluck(0.7, 0.12)
    else if (!calm.matches && travelling.length < beads.length - queued) travelling.push({ at: kind === 'out' ? 0 : 1, direction: kind === 'out' ? 1 : -1 })
    if (kind === 'out') string.pluck(0.15, 0.04)
    if (kind === 'in') string.pluck(0.85, 0.04)
    wake()
  }
  const watchQueue = (): void => {
    const size = client.state.status === 'connected' ? 0 : Math.min(beads.length, client.getConnectionInfo().queueSize)
    if (size === queued) return
    queued = size
    wake()
  }
  const measure = new ResizeObserver(() => {
    width = svg.clientWidth
    depth = svg.clientHeight / 2 - MARGIN
    draw()
  })

  measure.observe(svg)
  const shape = SHAPES[client.state.status]
  string.hold(shape.sag, shape.drop)
  string.settle()
  const ends = [client.onConnectionStateChange(onState), onPulse(move)]
  const timer = window.setInterval(watchQueue, 250)
  return () => {
    for (const end of ends) end()
    clearInterval(timer)
    cancelAnimationFrame(frame)
    measure.disconnect()
  }
}
