import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import { REPLY } from '../src/core.ts'
import { type Schema, SchemaError, schemas } from '../src/schema/index.ts'
import { connectFake } from './fake-core.ts'

const map = { message: z.object({ text: z.string().trim(), at: z.coerce.date().optional() }), count: z.number() }

test('a payload that fits is heard as its schema gives it, one that does not is heard by nobody and told', () => {
  const { client, core } = connectFake({ validate: schemas(map) })
  const heard = vi.fn()
  const problem = vi.fn()
  client.on('*', heard)
  client.channel('room').on('*', heard)
  client.onLifecycle('problem', problem)
  core.deliver(1, 'message', { text: ' hi ', at: '2026-01-01' }, 1)
  core.deliver(1, 'message', { text: 5 }, 2)
  core.deliver(1, 'count', 'many', 3)
  expect(heard.mock.calls.map(([payload, message]) => [payload, message.payload])).toEqual(
    Array(2).fill([{ text: 'hi', at: new Date('2026-01-01') }, { text: 'hi', at: new Date('2026-01-01') }]),
  )
  expect(problem.mock.calls.map(([{ error, channel }]) => [error.code, channel, error.cause.name])).toEqual([
    ['peer/invalid-payload', 'room', 'SchemaError'],
    ['peer/invalid-payload', 'room', 'SchemaError'],
  ])
  const { cause } = problem.mock.calls[0]?.[0].error as { cause: SchemaError }
  expect(cause.message).toMatch(/^text: .*string/i)
  expect(cause.issues[0]?.path).toEqual(['text'])
})

test('what is refused still counts: the channel is where it is', () => {
  const { client, core } = connectFake({ validate: schemas(map) })
  const room = client.channel('room')
  room.on('count', () => {})
  core.tell(3, 1, 2, 0, ['"e"', 0])
  core.deliver(1, 'count', 'many', 7)
  expect(room.position).toEqual({ epoch: 'e', offset: 7 })
})

test('events without a schema are heard as they come, also those with names of objects', () => {
  const { client, core } = connectFake({ validate: schemas(map) })
  const heard: unknown[] = []
  client.on('*', (payload) => heard.push(payload))
  for (const event of ['other', 'constructor', '__proto__', 'toString']) core.deliver(0, event, event)
  expect(heard).toEqual(['other', 'constructor', '__proto__', 'toString'])
})

test('pages of history are checked too', async () => {
  const { client, core } = connectFake({ validate: schemas(map) })
  const problem = vi.fn()
  client.onLifecycle('problem', problem)
  const page = client.channel('room').history()
  await Promise.resolve()
  const messages = [{ event: 'count', payload: 1, offset: 1 }, { event: 'count', payload: 'many', offset: 2 }]
  core.tell(REPLY, 1, 0, 0, { epoch: 'e', messages, more: true })
  expect(await page).toMatchObject({ epoch: 'e', more: true, messages: [{ payload: 1 }] })
  expect(problem).toHaveBeenCalledTimes(1)
})

test('a schema that cannot answer at once is the application’s mistake, and said so', () => {
  const { client, core } = connectFake({ validate: schemas({ count: z.number().refine(async () => true) as unknown as Schema }) })
  const problem = vi.fn()
  client.onLifecycle('problem', problem)
  client.on('count', () => {})
  core.deliver(0, 'count', 1)
  expect(problem.mock.calls[0]?.[0].error.cause.code).toBe('misuse/unsupported')
})

test('a validator is any function', () => {
  const { client, core } = connectFake({ validate: (event, payload) => `${event} ${String(payload)}` })
  const heard: unknown[] = []
  client.on('*', (payload) => heard.push(payload))
  core.deliver(0, 'count', 1)
  expect(heard).toEqual(['count 1'])
  expect(() => connectFake({ validate: {} as never })).toThrow('validate: expected a function')
})
