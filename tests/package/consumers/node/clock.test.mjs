import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClient } from 'tautline'
import { createClock, createFakeServer } from 'tautline/testing'

test('an hour without a server is a moment', async () => {
  const clock = createClock({ now: Date.UTC(2030, 0, 1) })
  const server = createFakeServer()
  const client = createClient({ url: server.url })
  client.connect()
  await clock.advance(0)
  assert.equal(client.state.status, 'connected')

  server.down()
  await clock.advance(3_600_000)
  assert.equal(client.state.status, 'reconnecting')

  server.up()
  await clock.advance(75_000)
  assert.equal(client.state.status, 'connected')
  assert.equal(new Date().toISOString(), '2030-01-01T01:01:15.000Z')

  client.destroy()
  server.close()
  clock.restore()
})
