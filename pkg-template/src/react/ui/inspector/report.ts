/** The bug report: what happened, in text, without contents, names or secrets. */
import { version } from '../../../../package.json'
import { redactText } from './redact.ts'
import type { Snapshot } from './recorder.ts'

/** How many frames it lists. */
const FRAMES = 50
/** What there is much of and that says little. */
const HEARTBEAT = /^(ping|pong|heartbeat)$/i

/**
 * What can be given to strangers. Contents of frames are left out, channels are numbers, addresses have no values in their queries; of errors
 * there are the codes.
 */
export function reportOf(snapshot: Snapshot, agent: string): string {
  const { at, state, step, info, stats, url, states, frames, frameCount, notes, bufferedBytes } = snapshot
  const names: string[] = []
  const channel = (name: string | undefined): string => {
    if (!name) return ''
    if (!names.includes(name)) names.push(name)
    return `, channel ${names.indexOf(name) + 1}`
  }
  const telling = frames.filter(({ kind }) => !HEARTBEAT.test(kind)).slice(-FRAMES)
  const { latencyMs, reconnectCauses, ...counted } = stats
  const lines = [
    '## Tautline report',
    '',
    `- version: ${version}`,
    `- time: ${new Date(at).toISOString()}`,
    `- browser: ${agent}`,
    `- address: ${url || 'none yet'}`,
    `- state: ${state.status}${step ? `, waiting for ${step}` : ''}${state.cause ? `, ${state.cause.code}` : ''}`,
    `- attempt: ${info.attempt}; next in ${info.retryInMs === undefined ? '–' : `${Math.round(info.retryInMs)} ms`}`,
    `- queue: ${info.queueSize} messages, ${info.queueBytes} bytes; ${bufferedBytes} bytes in the socket`,
    `- latency: ${latencyMs ? Object.entries(latencyMs).map(([name, ms]) => `${name} ${round(ms)} ms`).join(', ') : 'not measured'}`,
    `- losses: ${Object.entries(reconnectCauses).map(([code, count]) => `${code} × ${count}`).join(', ') || 'none'}`,
    `- counted: ${Object.entries(counted).map(([name, value]) => `${name} ${typeof value === 'number' ? round(value) : value}`).join(', ')}`,
    '',
    '### States',
    '',
    ...states.map(({ at, status, cause }) => `- ${time(at)} ${status}${cause ? `, ${cause}` : ''}`),
    '',
    '### Events',
    '',
    ...notes.map(({ at, what, channel: name }) => `- ${time(at)} ${what}${channel(name)}`),
    '',
    `### Frames, the last ${telling.length} of ${frameCount}, without heartbeats`,
    '',
    ...telling.map(({ at, direction, kind, size, binary }) => `- ${time(at)} ${direction} ${kind || '?'} ${size}${binary ? ' binary' : ''}`),
    '',
  ]
  return lines.map(redactText).join('\n')
}

/** The time of a day, to the millisecond. */
export function time(at: number): string {
  return new Date(at).toISOString().slice(11, 23)
}

/** One digit after the point. */
export function round(value: number): number {
  return Math.round(value * 10) / 10
}
