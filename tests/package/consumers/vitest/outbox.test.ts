import { createClient } from 'tautline'
import { createFakeServer } from 'tautline/testing'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

type Events = { message: { text: string } }

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('what is written offline is sent once the line is back', async () => {
  const server = createFakeServer<Events>()
  const client = createClient<Events>({ url: server.url })
  client.connect()
  await server.settle()

  server.down()
  const sent = client.channel('room').send('message', { text: 'written in a tunnel' })
  await vi.advanceTimersByTimeAsync(10_000)
  expect(sent.status).toBe('queued')

  server.up()
  await vi.advanceTimersByTimeAsync(30_000)
  expect(sent.status).toBe('acked')
  expect(server.messages('room').map(({ payload }) => payload.text)).toEqual(['written in a tunnel'])

  client.destroy()
  server.close()
})
