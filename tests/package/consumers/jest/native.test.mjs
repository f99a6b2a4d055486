import { jest } from '@jest/globals'
import { createClient } from 'tautline'
import { createToken } from 'tautline/server'
import { createFakeServer } from 'tautline/testing'

test('Jest runs it without any transform where Node’s own modules are on', async () => {
  jest.useFakeTimers()
  const server = createFakeServer()
  const client = createClient({ url: server.url, token: await createToken({ secret: 'x'.repeat(32), user: 'ada', channels: [] }) })
  client.connect()
  await server.settle()
  expect(client.state.status).toBe('connected')
  client.destroy()
  server.close()
})
