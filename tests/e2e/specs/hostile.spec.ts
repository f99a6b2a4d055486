// What a server could say that no honest one would.
import { QUICK } from '../support/actor.ts'
import { binaryFrame, ScriptedServer } from '../support/scripted-server.ts'
import { expect, test } from '../support/world.ts'

const ROOM = 'room'
const message = (offset: number, payload: unknown): { type: string } & Record<string, unknown> => ({
  type: 'message',
  channel: ROOM,
  event: 'number',
  offset,
  from: 'other',
  sender: 7,
  id: offset,
  time: 1_700_000_000_000,
  payload,
})
const header = JSON.stringify({ ...message(1, undefined) })

test.describe('a broken frame is reported, skipped, and the conversation goes on:', () => {
  for (const [name, frame, code] of [
    ['no JSON', 'this is no JSON', 'peer/bad-frame'],
    ['JSON that ends too early', '{"type":"message"', 'peer/bad-frame'],
    ['nothing', '', 'peer/bad-frame'],
    ['a number', '42', 'peer/bad-frame'],
    ['null', 'null', 'peer/bad-frame'],
    ['an array', '[]', 'peer/unknown-type'],
    ['no type', '{}', 'peer/unknown-type'],
    ['an unknown type', '{"type":"later"}', 'peer/unknown-type'],
    ['a type that is a number', '{"type":3}', 'peer/unknown-type'],
    ['a type that every object has', '{"type":"toString"}', 'peer/unknown-type'],
    ['a type that names the prototype', '{"type":"__proto__"}', 'peer/unknown-type'],
    ['a message without an offset', JSON.stringify({ ...message(1, 1), offset: undefined }), 'peer/bad-frame'],
    ['a message with an offset below zero', JSON.stringify(message(-1, 1)), 'peer/bad-frame'],
    ['a message with half an offset', JSON.stringify(message(1.5, 1)), 'peer/bad-frame'],
    ['a message with an offset as text', JSON.stringify({ ...message(1, 1), offset: 'one' }), 'peer/bad-frame'],
    ['a message without an event', JSON.stringify({ ...message(1, 1), event: undefined }), 'peer/bad-frame'],
    ['a message with an event that is no text', JSON.stringify({ ...message(1, 1), event: {} }), 'peer/bad-frame'],
    ['an acknowledgement without a number', '{"type":"ack"}', 'peer/bad-frame'],
    ['a subscription of the wrong shape', '{"type":"subscribed","channel":"room","epoch":5}', 'peer/bad-frame'],
    ['a binary frame of nothing', new Uint8Array(0), 'peer/bad-frame'],
    ['a binary frame of another layout', binaryFrame(header, Buffer.from('x'), { layout: 9 }), 'peer/bad-frame'],
    ['a binary header without a length', binaryFrame(header, Buffer.from('x'), { length: 0 }), 'peer/bad-frame'],
    ['a binary header longer than the frame', binaryFrame(header, Buffer.from('x'), { length: 8000 }), 'peer/bad-frame'],
    ['a binary header that is no JSON', binaryFrame('{{{', Buffer.from('x')), 'peer/bad-frame'],
    ['a binary header that is no text', Buffer.from([1, 0, 2, 0xff, 0xfe, 1]), 'peer/bad-frame'],
  ] as const) {
    test(name, async ({ world }) => {
      const server = await ScriptedServer.start()
      world.keep(() => server.close())
      const ann = await world.actor()
      await ann.join(server.port, ROOM)
      server.say(frame)
      server.say(message(1, 'after it'))
      await expect.poll(() => ann.heard(ROOM)).toEqual(['after it'])
      expect((await ann.get('problems')).map((problem) => problem.code)).toEqual([code])
      expect(await ann.status()).toBe('connected')
      expect(await ann.get('uncaught')).toEqual([])
      expect(server.connections).toBe(1)
    })
  }
})

test('keys that name the prototype are data and nothing else', async ({ world }) => {
  const server = await ScriptedServer.start()
  world.keep(() => server.close())
  const ann = await world.actor()
  await ann.join(server.port, ROOM)
  const payload = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'
  server.say(JSON.stringify(message(1, 0)).replace('"payload":0', `"payload":${payload},"__proto__":{"polluted":true}`))
  await expect.poll(async () => (await ann.heard(ROOM)).length).toBe(1)
  const seen = await ann.page.evaluate(() => [
    'polluted' in {},
    Object.hasOwn(lab.messages[0]?.payload as object, '__proto__'),
    JSON.stringify(lab.messages[0]?.payload),
  ])
  expect(seen).toEqual([false, true, payload])
})

test('half of a character stays half of a character', async ({ world }) => {
  const server = await ScriptedServer.start()
  world.keep(() => server.close())
  const ann = await world.actor()
  await ann.join(server.port, ROOM)
  server.say(JSON.stringify(message(1, 0)).replace('"payload":0', '"payload":"\\ud83d and \\udc00"'))
  await expect.poll(() => ann.page.evaluate(() => lab.messages[0]?.payload === '\ud83d and \udc00')).toBe(true)
})

test('a frame before the welcome ends the connection, and another is made', async ({ world }) => {
  const server = await ScriptedServer.start()
  world.keep(() => server.close())
  server.instead = (socket) => {
    server.instead = undefined
    socket.send(JSON.stringify(message(1, 'too early')))
  }
  const ann = await world.actor()
  await ann.open(server.port, { backoff: { minMs: 1, maxMs: 10, slowMs: 10 } })
  await ann.untilStatus('connected')
  expect(await ann.get('problems')).toContainEqual({ code: 'peer/unexpected', channel: undefined })
  expect(await ann.causes()).toContain('peer/protocol')
  expect(server.closed).toEqual([4002])
  expect(await ann.get('messages')).toEqual([])
})

test('a server that never says welcome is left after the time it has', async ({ world }) => {
  const server = await ScriptedServer.start()
  world.keep(() => server.close())
  server.instead = () => (server.instead = undefined)
  const ann = await world.actor()
  await ann.open(server.port, { ...QUICK, handshakeTimeoutMs: 200 })
  await ann.untilStatus('connected')
  expect(await ann.causes()).toContain('late/handshake')
})

test('a server that does not know the subprotocol is no server for this client', async ({ world }) => {
  const server = await ScriptedServer.start()
  world.keep(() => server.close())
  server.instead = (socket) => socket.close(4400)
  const ann = await world.actor()
  await ann.open(server.port, { backoff: { minMs: 1, maxMs: 10, slowMs: 10 } })
  await ann.untilStatus('failed')
  expect((await ann.get('states')).at(-1)).toEqual({ status: 'failed', cause: 'peer/protocol' })
})

test('a server that closes with 4403 does not want this client, and it stays away', async ({ world }) => {
  const server = await ScriptedServer.start()
  world.keep(() => server.close())
  server.instead = (socket) => socket.close(4403)
  const ann = await world.actor()
  await ann.open(server.port)
  await ann.untilStatus('failed')
  expect((await ann.get('states')).at(-1)).toEqual({ status: 'failed', cause: 'refused/forbidden' })
  expect(server.connections).toBe(1)
})

for (const [name, welcome] of [
  ['a heartbeat of nothing', { heartbeat: 0 }],
  ['a time below zero', { timeout: -5 }],
  ['no limits', { limits: undefined }],
  ['limits that are no numbers', { limits: { frame: 'much', rate: [], per: {} } }],
  ['no member', { member: undefined }],
] as const) {
  test(`a welcome with ${name} is no welcome`, async ({ world }) => {
    const server = await ScriptedServer.start()
    world.keep(() => server.close())
    server.welcome = welcome
    const ann = await world.actor()
    await ann.open(server.port, { ...QUICK, handshakeTimeoutMs: 200 })
    await expect.poll(() => ann.causes()).toContain('late/handshake')
    // On a busy machine a welcome comes too late itself, and the next one is read.
    await expect.poll(async () => (await ann.get('problems'))[0]?.code).toBe('peer/bad-frame')
    server.welcome = {}
    await ann.untilStatus('connected')
    expect(await ann.get('uncaught')).toEqual([])
  })
}
