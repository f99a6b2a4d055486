/** Node 20 has no WebSocket; `connect` only asks whether there is one. */
import { afterEach, beforeEach, vi } from 'vitest'

beforeEach(() => {
  vi.stubGlobal('WebSocket', class {})
  vi.stubGlobal('reportError', vi.fn())
})
afterEach(() => {
  vi.unstubAllGlobals()
})
