/** Pages that end with each test, and consoles that must stay silent: React speaks there of what is wrong. */
import { cleanup } from '@testing-library/react'
import { afterEach, beforeEach, expect, vi } from 'vitest'

beforeEach(() => {
  vi.spyOn(console, 'error')
  vi.spyOn(console, 'warn')
})
afterEach(() => {
  cleanup()
  const said = [vi.mocked(console.error).mock.calls, vi.mocked(console.warn).mock.calls].flat()
  vi.restoreAllMocks()
  vi.useRealTimers()
  expect(said).toEqual([])
})
