// One client between a plain server and a Discord-style one: each message arrives at one of them, once.
import { type JsonProtocol, presets } from 'tautline/json'
import { type Actor, QUICK as HASTY } from '../support/actor.ts'
import { ScriptedGateway } from '../support/gateway.ts'
import { expect, test, type World } from '../support/world.ts'

const ROOM = 'room'
const ACKS: JsonProtocol = {
  ...presets.channels,
  send: { ...presets.channels.send, publish: { ...presets.channels.send.publish, id: '$id' } },
  receive: { ...presets.channels.receive, ack: 'ack' },
}
/** A server may take longer to start than the fast attempts. */
const QUICK = { backoff: { ...HASTY.backoff, fastAttempts: 1000 } } as const

async function gatewayOf(world: World, options: object = {}): Promise<ScriptedGateway> {
  const gateway = await ScriptedGateway.start({ dialect: 'chat', heartbeatIntervalMs: 1000, serverHeartbeats: true, shards: 4, ...options })
  world.keep(() => gateway.close())
  return gateway
}

/** What the gateway was told, in order. */
async function told(gateway: ScriptedGateway): Promise<number[]> {
  return (await gateway.log('sent', 'COUNT')).map(({ d }) => Number(d?.['n']))
}

async function heard(actor: Actor): Promise<number[]> {
  return (await actor.heard(ROOM)).map((payload) => (payload as { n: number }).n)
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1)
}

function rises(numbers: readonly number[]): boolean {
  return numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0))
}

test('switched to and fro under load, every message arrives at one of the two servers, once and in order', async ({ world }) => {
  const [server, gateway] = [await world.example('channels'), await gatewayOf(world)]
  const [ann, bob] = [await world.actor(), await world.actor()]
  await bob.join(server.port, ROOM, { ...QUICK, protocol: 'usual' })
  await ann.join(server.port, ROOM, { ...QUICK, env: { useDiscordClient: false, discordUrl: gateway.url } })
  await ann.page.evaluate((room) => lab.pour(room, 600, 3), ROOM)
  for (let times = 1; times <= 8; times++) {
    await expect.poll(() => ann.page.evaluate(() => lab.handles.length)).toBeGreaterThan(times * 60)
    await ann.page.evaluate((to) => lab.switchTo(to), times % 2 ? 'discord' as const : 'plain' as const)
    await ann.untilSubscribed(times + 1)
  }
  await expect.poll(() => ann.page.evaluate(() => lab.count('sent'))).toBe(600)
  const both = async (): Promise<number[]> => [...(await heard(bob)), ...(await told(gateway))]
  await expect.poll(async () => (await both()).length).toBe(600)
  expect((await both()).sort((a, b) => a - b)).toEqual(upTo(600))
  expect([rises(await heard(bob)), rises(await told(gateway))]).toEqual([true, true])
  expect(Math.min((await heard(bob)).length, (await told(gateway)).length), 'both had their share').toBeGreaterThan(0)
  expect((await ann.get('switches')).map(({ to, reason }) => [to, reason])).toEqual(upTo(8).map((times) => [times % 2 ? 'discord' : 'plain', 'asked']))
  expect(await ann.get('problems')).toEqual([])
})

test('a server that acknowledges is given time for what it has, and nothing is sent twice', async ({ world }) => {
  const [server, gateway] = [await world.example('channels-with-ack'), await gatewayOf(world)]
  const [ann, bob] = [await world.actor(), await world.actor()]
  await bob.join(server.port, ROOM, { ...QUICK, protocol: ACKS })
  await ann.join(server.port, ROOM, { ...QUICK, env: { plain: ACKS, useDiscordClient: false, discordUrl: gateway.url } })
  await ann.page.evaluate((room) => lab.pour(room, 400, 3), ROOM)
  for (let times = 1; times <= 6; times++) {
    await expect.poll(() => ann.page.evaluate(() => lab.handles.length)).toBeGreaterThan(times * 50)
    await ann.page.evaluate((to) => lab.switchTo(to), times % 2 ? 'discord' as const : 'plain' as const)
    await ann.untilSubscribed(times + 1)
  }
  const settled = (): Promise<number[]> => ann.page.evaluate(() => [lab.count('acked') + lab.count('sent'), lab.count('failed')])
  await expect.poll(settled).toEqual([400, 0])
  const both = async (): Promise<number[]> => [...(await heard(bob)), ...(await told(gateway))]
  await expect.poll(async () => (await both()).sort((a, b) => a - b)).toEqual(upTo(400))
  expect([rises(await heard(bob)), rises(await told(gateway))]).toEqual([true, true])
  expect(await ann.get('switches')).toHaveLength(6)
})

test('listeners and channels hear the Discord-style server after the switch, and then the plain one again', async ({ world }) => {
  const [server, gateway] = [await world.example('channels'), await gatewayOf(world)]
  const [ann, bob] = [await world.actor(), await world.actor()]
  await ann.join(server.port, ROOM, { ...QUICK, env: { useDiscordClient: false, discordUrl: gateway.url } })
  await bob.join(server.port, ROOM, { ...QUICK, protocol: 'usual' })
  await ann.page.evaluate(() => lab.switchTo('discord'))
  await ann.untilSubscribed(2)
  expect(await ann.page.evaluate(() => lab.client.getConnectionInfo())).toMatchObject({ shardId: 0, connectionId: expect.stringMatching(/./) })
  await gateway.publish('MESSAGE_RECEIVED', { channelId: ROOM, userId: 'carl', text: 'Hello, Ann' })
  const last = async (): Promise<unknown> => (await ann.get('messages')).at(-1)
  await expect.poll(last).toMatchObject({ event: 'MESSAGE_RECEIVED', channel: ROOM, from: 'carl' })
  await bob.send(ROOM, 'missed', {})
  await ann.page.evaluate(() => lab.switchTo('plain'))
  await ann.untilSubscribed(3)
  await bob.send(ROOM, 'greeting', { text: 'Back?' })
  await expect.poll(last).toMatchObject({ event: 'greeting', channel: ROOM, payload: { text: 'Back?' } })
  expect((await ann.get('messages')).map(({ event }) => event)).not.toContain('missed')
  expect((await ann.get('gaps')).map(({ channel }) => channel), 'and it was told').toEqual([ROOM, ROOM])
  expect((await ann.get('states')).map(({ status }) => status)).toEqual(['connecting', 'connected', 'reconnecting', 'connected', 'reconnecting', 'connected'])
})

test('a gateway that does not welcome us is left for the plain server, with what waited', async ({ world }) => {
  const [server, gateway] = [await world.example('channels'), await gatewayOf(world)]
  await gateway.on({ on: 'connect', instead: true, times: 0 })
  const [ann, bob] = [await world.actor(), await world.actor()]
  await bob.join(server.port, ROOM, { ...QUICK, protocol: 'usual' })
  await ann.open(server.port, { ...QUICK, env: { useDiscordClient: true, discordUrl: gateway.url, fallback: true, connectionTimeoutMs: 1000 } })
  await ann.page.evaluate((room) => lab.pour(room, 20, 5), ROOM)
  await expect.poll(() => heard(bob)).toEqual(upTo(20))
  const [switched] = await ann.get('switches')
  expect(switched).toMatchObject({ from: 'discord', to: 'plain', reason: 'unwelcomed', cause: 'late/handshake' })
  expect(await told(gateway)).toEqual([])
})

test('where the gateway is not there at all, the last attempt leads to the plain server', async ({ world }) => {
  const [server, gone] = [await world.example('channels'), await world.example('chat')]
  await gone.kill()
  const ann = await world.actor()
  const env = { useDiscordClient: true, discordUrl: `ws://127.0.0.1:${gone.port}/`, fallback: true, maxReconnectAttempts: 2 }
  await ann.join(server.port, ROOM, { ...QUICK, env })
  expect(await ann.get('switches')).toMatchObject([{ reason: 'failed', to: 'plain', cause: 'lost/network' }])
  expect((await ann.get('states')).map(({ status }) => status).filter((status) => status !== 'reconnecting')).toEqual(['connecting', 'failed', 'connecting', 'connected'])
})

test('a switch from inside a listener loses nothing of the frame that is being heard', async ({ world }) => {
  const [server, gateway] = [await world.example('rooms'), await gatewayOf(world)]
  const [ann, bob] = [await world.actor(), await world.actor()]
  const env = { plain: presets.rooms, useDiscordClient: false, discordUrl: gateway.url }
  await ann.join(server.port, ROOM, { ...QUICK, token: 'secret:ann', env })
  await ann.page.evaluate((room) => {
    lab.client.channel(room).presence.onChange(({ joined }) => {
      if (joined.some(({ id }) => id === 'bob')) lab.switchTo('discord')
    })
  }, ROOM)
  await bob.join(server.port, ROOM, { ...QUICK, protocol: presets.rooms, token: 'secret:bob' })
  await ann.untilSubscribed(2)
  const about = (await ann.get('messages')).filter(({ event }) => event === 'room_join').at(-1)
  expect(about).toMatchObject({ channel: ROOM, from: 'bob' })
  expect(await ann.page.evaluate((room) => lab.client.channel(room).presence.members, ROOM), 'nobody of the old server').toEqual([])
  expect(await ann.get('listenerErrors')).toEqual([])
})

test('each heartbeat of the gateway is answered, once', async ({ world }) => {
  const gateway = await gatewayOf(world, { heartbeatIntervalMs: 200 })
  const ann = await world.actor()
  await ann.join(Number(new URL(gateway.url).port), ROOM, { ...QUICK, env: { useDiscordClient: true } })
  await gateway.until({ kind: 'sent', name: 'heartbeat' }, 5)
  // Whatever is no answer is answered by the gateway, and that again by us: without end.
  const answers = (await gateway.log('sent', 'heartbeat')).map(({ d }) => d)
  expect(answers).toEqual(answers.map(() => ({ ack: true })))
  expect(await ann.get('states')).toHaveLength(2)
})
