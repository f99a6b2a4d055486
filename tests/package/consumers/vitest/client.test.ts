import { createClient } from 'tautline'
import { expect, test } from 'vitest'

test('a client can be made in a test without any configuration', () => {
  const client = createClient({ url: 'wss://example.com/ws' })
  expect(client.getConnectionInfo().state).toBe('idle')
  client.destroy()
  expect(client.state.status).toBe('closed')
})
