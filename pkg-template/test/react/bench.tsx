/** What the tests of tautline/react share: a page with a provider on a fake core. */
import { act, render, type RenderResult } from '@testing-library/react'
import { type ReactElement, StrictMode } from 'react'
import { vi } from 'vitest'
import type { Client } from '../../src/client.ts'
import * as core from '../../src/core.ts'
import type { EventMap } from '../../src/events.ts'
import type { ClientOptions } from '../../src/options.ts'
import { TautlineProvider } from '../../src/react/index.ts'
import { createFake, FakeCore } from '../fake-core.ts'

export interface Page extends RenderResult {
  readonly client: Client<EventMap>
  readonly core: FakeCore
  /** Renders something else below the same provider. */
  show(element: ReactElement | undefined): void
}

/** A page in StrictMode, whose provider is connected. */
export function open(element: ReactElement | undefined, options: Partial<ClientOptions> = {}): Page {
  const client = createFake(options)
  const wrap = (inner: ReactElement | undefined): ReactElement => (
    <StrictMode>
      <TautlineProvider client={client}>{inner}</TautlineProvider>
    </StrictMode>
  )
  const page = render(wrap(element))
  const fake = FakeCore.last
  act(() => welcome(fake))
  return Object.assign(page, { client, core: fake, show: (inner: ReactElement | undefined) => page.rerender(wrap(inner)) })
}

/** The server takes the connection. */
export function welcome(fake: FakeCore): void {
  fake.tell(core.WELCOME, 0, 0, 0, { connection: 'c1', member: 'me', user: 'ada' })
  fake.state(2)
}

/** The server takes the subscription of the channel with this id. */
export function subscribe(fake: FakeCore, channel: number = 1, recovered = 2): void {
  fake.tell(core.SUBSCRIBED, channel, recovered, 0, ['"e"', 0])
}

/** Lets everything happen that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  // What was downloaded renders, and that begins something else.
  for (let turn = 0; turn < 2; turn++) {
    await act(async () => {
      await vi.dynamicImportSettled()
      if (vi.isFakeTimers()) await vi.advanceTimersByTimeAsync(0)
      else await new Promise((resolve) => setTimeout(resolve))
    })
  }
}

/** Lets so much time pass, on the clock of `vi.useFakeTimers`, with all that happens meanwhile. */
export async function advance(ms: number): Promise<void> {
  await act(async () => {
    await vi.dynamicImportSettled()
    await vi.advanceTimersByTimeAsync(ms)
  })
}

/** What rendering this throws. React and the page both report it, which is expected here. */
export function crash(element: ReactElement): unknown {
  const prevent = (event: Event): void => event.preventDefault()
  window.addEventListener('error', prevent)
  vi.mocked(console.error).mockImplementation(() => {})
  try {
    render(element)
    return undefined
  } catch (error) {
    return error
  } finally {
    window.removeEventListener('error', prevent)
    vi.mocked(console.error).mockReset()
  }
}
