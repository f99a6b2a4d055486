import { expect, test, vi } from 'vitest'

test('importing the package does nothing: no timer, no WebAssembly, no socket, no fetch, no storage', async () => {
  const touched = vi.fn()
  const trap = (name: string): object =>
    new Proxy(function () {}, {
      get: (_, key) => touched(`${name}.${String(key)}`),
      apply: () => touched(name),
      construct: () => (touched(`new ${name}`), {}),
    })
  for (const name of ['WebAssembly', 'WebSocket', 'fetch', 'setTimeout', 'setInterval', 'queueMicrotask', 'crypto', 'indexedDB', 'atob', 'reportError']) {
    vi.stubGlobal(name, trap(name))
  }
  const { createClient } = await import('../src/index.ts')
  expect(touched.mock.calls).toEqual([])
  const client = createClient({ url: 'wss://example.com/ws', token: () => 'secret' })
  client.channel('room', { presence: true }).on('message', () => {})
  client.on('*', () => {})
  client.onConnectionStateChange(() => {})
  expect(touched.mock.calls).toEqual([])
  vi.unstubAllGlobals()
})
