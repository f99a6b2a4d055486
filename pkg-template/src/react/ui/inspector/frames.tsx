/** The newest frames, the newest first. */
import type { ReactElement } from 'react'
import type { RecordedFrame } from './recorder.ts'
import { time } from './report.ts'

/** How many are shown. */
const SHOWN = 50

/** A table that opens a frame's content, as far as it may be shown. */
export function Frames({ frames, count }: { readonly frames: readonly RecordedFrame[]; readonly count: number }): ReactElement {
  if (count === 0) return <p>No frame was sent or received since this panel was opened.</p>
  const shown = frames.slice(-SHOWN).reverse()
  return (
    // Reachable by key, because it scrolls.
    <div data-part="frames" role="group" aria-label="List of frames" tabIndex={0}>
      <table>
        <caption>
          The last {shown.length} of {count}
        </caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Way</th>
            <th scope="col">Frame</th>
            <th scope="col">Size</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((frame) => (
            <tr key={frame.number} data-direction={frame.direction}>
              <td>{time(frame.at)}</td>
              <td>{frame.direction}</td>
              <td>
                {frame.preview ? (
                  <details>
                    <summary>{frame.kind || 'frame'}</summary>
                    <code>{frame.preview}</code>
                  </details>
                ) : (
                  frame.kind || (frame.binary ? 'bytes' : 'unreadable')
                )}
              </td>
              <td>
                {frame.size}
                {frame.binary && ' bytes'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
