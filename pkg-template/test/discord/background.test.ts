import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Background } from '../../src/discord/background.ts'

class FakeWorker {
  static readonly living: FakeWorker[] = []
  onmessage?: () => void
  onerror?: () => void
  constructor(readonly address: string) {
    FakeWorker.living.push(this)
  }
  terminate(): void {
    FakeWorker.living.splice(FakeWorker.living.indexOf(this), 1)
  }
}

const page = Object.assign(new EventTarget(), { visibilityState: 'visible' })
const show = (state: string): void => {
  page.visibilityState = state
  page.dispatchEvent(new Event('visibilitychange'))
}
const tick = vi.fn()
const refused = vi.fn()

beforeEach(() => {
  FakeWorker.living.length = 0
  page.visibilityState = 'visible'
  const events = new EventTarget()
  vi.stubGlobal('document', page)
  vi.stubGlobal('Worker', FakeWorker)
  vi.stubGlobal('addEventListener', events.addEventListener.bind(events))
  vi.stubGlobal('removeEventListener', events.removeEventListener.bind(events))
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.clearAllMocks()
})

it('has a worker while the page is hidden, and only then', () => {
  const background = new Background(tick, refused)
  show('hidden')
  expect(FakeWorker.living).toHaveLength(0)
  background.start()
  background.start()
  expect(FakeWorker.living).toHaveLength(1)
  FakeWorker.living[0]?.onmessage?.()
  expect(tick).toHaveBeenCalledOnce()
  show('visible')
  expect(FakeWorker.living).toHaveLength(0)
  show('hidden')
  background.stop()
  show('hidden')
  expect(FakeWorker.living).toHaveLength(0)
})

it('goes on without a worker where a policy forbids it, and says so once', () => {
  new Background(tick, refused).start()
  show('hidden')
  FakeWorker.living[0]?.onerror?.()
  show('visible')
  show('hidden')
  expect(FakeWorker.living).toHaveLength(0)
  expect(refused).toHaveBeenCalledOnce()
})

it('does nothing where there is no page', () => {
  vi.stubGlobal('document', undefined)
  const background = new Background(tick, refused)
  background.start()
  background.stop()
  expect(FakeWorker.living).toHaveLength(0)
})
