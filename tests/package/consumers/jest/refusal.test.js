/** @jest-environment jsdom */
import { createClient } from 'tautline'
import { createFakeServer } from 'tautline/testing'

let server
let client
beforeEach(async () => {
  jest.useFakeTimers()
  server = createFakeServer({ authenticate: (token) => (token === 'a good one' ? 'ada' : undefined) })
  client = createClient({ url: server.url, token: 'a good one' })
  client.connect()
  await server.settle()
})
afterEach(() => {
  client.destroy()
  server.close()
  jest.useRealTimers()
})

test('a room that the server refuses says why', async () => {
  server.refuse('subscribe', { code: 'forbidden', channel: 'staff' })
  const staff = client.channel('staff')
  staff.subscribe()
  await server.settle()
  expect([staff.status, staff.error.code]).toEqual(['refused', 'refused/forbidden'])
})

test('a server that hangs is left after the heartbeat', async () => {
  server.hold()
  await jest.advanceTimersByTimeAsync(60_000)
  expect(client.state.status).toBe('reconnecting')
  server.release()
  await jest.advanceTimersByTimeAsync(60_000)
  expect(client.state.status).toBe('connected')
})
