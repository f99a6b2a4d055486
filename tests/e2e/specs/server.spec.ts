// tautline/server against the real relay: in this Node, and in a runtime that has nothing of Node.
import { fileURLToPath } from 'node:url'
import { EdgeVM } from '@edge-runtime/vm'
import { build } from 'esbuild'
import { createToken, isTautlineError, publish, type PublishOptions } from 'tautline/server'
import { QUICK } from '../support/actor.ts'
import type { Relay } from '../support/relay.ts'
import { SECRET } from '../support/token.ts'
import { expect, test, type World } from '../support/world.ts'

const KEY = 'a-key-of-sixteen-or-more'
const ROOM = 'room:1'

const optionsOf = (relay: Relay): PublishOptions => ({ url: `ws://127.0.0.1:${relay.port}/ws`, apiKey: KEY })

/** A relay with a listener in it, who came with the token. */
async function listening(world: World, token: string): Promise<{ relay: Relay; heard(): Promise<unknown[]> }> {
  const relay = await world.guardedRelay('--api-key', KEY, '--frame-limit', '4096')
  const ann = await world.actor()
  await ann.join(relay.port, ROOM, { ...QUICK, token })
  expect(await ann.get('welcomes')).toMatchObject([{ user: 'ann' }])
  return { relay, heard: () => ann.heard(ROOM) }
}

test('what a server publishes is heard by a client that came with its token', async ({ world }) => {
  const token = await createToken({ secret: SECRET, user: 'ann', channels: ['room:*'] })
  const { relay, heard } = await listening(world, token)
  const first = await publish({ channel: ROOM, event: 'note', payload: { text: 'hi' } }, optionsOf(relay))
  const second = await publish({ channel: ROOM, event: 'note', payload: [null, 'ä\u2028'] }, optionsOf(relay))
  expect(second).toEqual({ epoch: first.epoch, offset: first.offset + 1 })
  await expect.poll(heard).toEqual([{ text: 'hi' }, [null, 'ä\u2028']])
})

test('what a server publishes again under its idempotency key is heard once', async ({ world }) => {
  const { relay, heard } = await listening(world, await createToken({ secret: SECRET, user: 'ann', channels: ['room:*'] }))
  const options = { ...optionsOf(relay), idempotencyKey: 'order-7' }
  const first = await publish({ channel: ROOM, event: 'note', payload: 'paid' }, options)
  expect(await publish({ channel: ROOM, event: 'note', payload: 'paid' }, options)).toEqual(first)
  await publish({ channel: ROOM, event: 'note', payload: 'last' }, optionsOf(relay))
  await expect.poll(heard).toEqual(['paid', 'last'])
})

test('the same two functions work in an edge runtime', async ({ world }) => {
  const bundle = await build({
    stdin: { contents: "export * from 'tautline/server'", resolveDir: fileURLToPath(new URL('..', import.meta.url)) },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'server',
    platform: 'neutral',
    target: 'es2022',
  })
  const edge = new EdgeVM()
  edge.evaluate(bundle.outputFiles[0]?.text ?? '')
  for (const name of ['process', 'Buffer', 'require', 'setImmediate']) expect(edge.evaluate(`typeof ${name}`), name).toBe('undefined')
  const call = (name: string, ...args: unknown[]): Promise<unknown> => edge.evaluate(`server.${name}(...${JSON.stringify(args)})`)
  const token = await call('createToken', { secret: SECRET, user: 'ann', channels: ['room:*'] })
  const { relay, heard } = await listening(world, String(token))
  const message = { channel: ROOM, event: 'note', payload: 'from the edge' }
  expect(await call('publish', message, optionsOf(relay))).toMatchObject({ offset: 1 })
  await expect.poll(heard).toEqual(['from the edge'])
  const refused = call('publish', message, { ...optionsOf(relay), apiKey: 'another-key-of-sixteen' })
  expect(await refused.catch((error: { code: string }) => error.code)).toBe('refused/forbidden')
})

test('the relay’s refusals have their codes', async ({ world }) => {
  const relay = await world.guardedRelay('--api-key', KEY, '--frame-limit', '4096')
  const closed = await world.relay()
  const code = async (payload: unknown, options: Partial<PublishOptions>): Promise<string> => {
    const outcome = publish({ channel: ROOM, event: 'note', payload }, { ...optionsOf(relay), ...options })
    return outcome.then(
      () => 'published',
      (error: unknown) => (isTautlineError(error) ? error.code : String(error)),
    )
  }
  expect(await code('x'.repeat(3500), {})).toBe('refused/too-large')
  expect(await code('x'.repeat(50_000), {})).toBe('refused/too-large')
  expect(await code('x', { apiKey: `${KEY}x` })).toBe('refused/forbidden')
  expect(await code('x', { url: closed.http })).toBe('misuse/unsupported')
  expect(await code('x', { url: world.pages.url() })).toBe('peer/protocol')
  await closed.kill()
  expect(await code('x', { url: closed.http })).toBe('lost/network')
})
