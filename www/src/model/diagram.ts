/** The public states as a picture: where they stand and which way leads from one to another. */
import type { ConnectionStatus } from 'tautline'

export const WIDTH = 424
export const HEIGHT = 168
export const BOX = { width: 98, height: 30 } as const

/** The middle of each state. */
export const PLACES: Record<ConnectionStatus, readonly [x: number, y: number]> = {
  idle: [51, 26],
  connecting: [206, 26],
  connected: [361, 26],
  failed: [51, 112],
  closed: [206, 112],
  reconnecting: [361, 112],
}

/** Every way there is, as a path from border to border. */
export const WAYS: readonly { readonly from: ConnectionStatus; readonly to: ConnectionStatus; readonly path: string }[] = [
  { from: 'idle', to: 'connecting', path: 'M100 26H157' },
  { from: 'connecting', to: 'connected', path: 'M255 26H312' },
  { from: 'connecting', to: 'reconnecting', path: 'M242 41L325 97' },
  { from: 'connecting', to: 'failed', path: 'M170 41L87 97' },
  { from: 'connecting', to: 'closed', path: 'M200 41V97' },
  { from: 'connected', to: 'reconnecting', path: 'M355 41V97' },
  { from: 'connected', to: 'closed', path: 'M325 41L242 97' },
  { from: 'connected', to: 'failed', path: 'M410 30Q422 30 422 42V142Q422 154 410 154H63Q51 154 51 142V127' },
  { from: 'reconnecting', to: 'connected', path: 'M367 97V41' },
  { from: 'reconnecting', to: 'closed', path: 'M312 112H255' },
  { from: 'reconnecting', to: 'failed', path: 'M361 127V142Q361 154 349 154H63Q51 154 51 142V127' },
  { from: 'closed', to: 'connecting', path: 'M212 97V41' },
  { from: 'failed', to: 'connecting', path: 'M96 97L179 41' },
  { from: 'failed', to: 'closed', path: 'M100 112H157' },
]
