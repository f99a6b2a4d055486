// Replays tests/transcripts on the built WebAssembly, through the same driver that browsers run: the other half of
// tests/conformance. `node --test tests/conformance-wasm`, after `cargo xtask build`.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { after, test } from 'node:test'
import * as discord from '../../pkg-template/src/wasm/discord/core.js'
import * as json from '../../pkg-template/src/wasm/json/core.js'
import * as tautline from '../../pkg-template/src/wasm/tautline/core.js'
import { describeEvent, describeMessage } from './events.mjs'
import { World } from './world.mjs'

const TRANSCRIPTS = new URL('../transcripts/', import.meta.url)
const CORES = { tautline, json, discord }
const PRESETS = JSON.parse(readFileSync(new URL('json/presets.json', TRANSCRIPTS), 'utf8'))
const DESTROY = 3
const WAKE = 11
const OUTPUTS = ['resolve', 'open', 'sent', 'sentBytes', 'close', 'event']

/** The defaults, as TypeScript fills them in. */
const OPTIONS = {
  resolveTimeoutMs: 15_000,
  connectTimeoutMs: 10_000,
  handshakeTimeoutMs: 10_000,
  ackTimeoutMs: 20_000,
  requestTimeoutMs: 10_000,
  subscribeTimeoutMs: 10_000,
  backoff: { minMs: 500, maxMs: 20_000, factor: 2, stableMs: 5_000, fastAttempts: 15, slowMs: 60_000 },
  heartbeat: { intervalMs: 0, timeoutMs: 0, probeMs: 4_000 },
  queue: { max: 1_000, maxBytes: 4 << 20, overflow: 0 },
  rate: { messages: 0, perMs: 0 },
  // Of hand-written servers only.
  maxAttempts: Infinity,
}

const memories = Object.entries(CORES).map(([protocol, { initSync }]) => {
  const wasm = new URL(`../../pkg-template/src/wasm/${protocol}/core_bg.wasm`, import.meta.url)
  return initSync(readFileSync(wasm)).memory
})

const world = new World()
const saved = { setTimeout, clearTimeout, now: Date.now, performance }
world.install()
after(() => {
  Object.assign(globalThis, { setTimeout: saved.setTimeout, clearTimeout: saved.clearTimeout, performance: saved.performance })
  Date.now = saved.now
})

const transcripts = Object.entries(CORES).flatMap(([protocol, { Core }]) =>
  readdirSync(new URL(protocol, TRANSCRIPTS))
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => `${protocol}/${name}`)
    .map((file) => [file, Core, readFileSync(new URL(file, TRANSCRIPTS), 'utf8').trim().split('\n').map((line) => JSON.parse(line))]),
)

for (const [file, Core, [head, ...lines]] of transcripts) {
  test(`${file}: ${head.about}`, async () => {
    const came = await replay(Core, head, lines)
    const expected = lines.filter((line) => OUTPUTS.some((key) => key in line))
    // The driver asks the URL and token functions in a promise of its own, so at their time but not in their place.
    for (const [what, pick] of [
      ['what was done', (line) => !('resolve' in line)],
      ['what was asked', (line) => 'resolve' in line],
    ]) {
      assert.deepStrictEqual(came.filter(pick), expected.filter(pick), what)
    }
  })
}

test('the memory stays what it is over hundreds of lives', async () => {
  const sizes = new Set()
  for (let round = 0; round < 40; round++) {
    for (const [, Core, [head, ...lines]] of transcripts) await replay(Core, head, lines)
    if (round > 1) sizes.add(memories.map(({ buffer }) => buffer.byteLength).join())
  }
  assert.equal(sizes.size, 1, `it grew: ${[...sizes]}`)
})

/** Everything that the core does when this happens to it. */
async function replay(Core, head, lines) {
  world.reset()
  const endpoints = lines.filter((line) => 'resolved' in line).map((line) => line.resolved)
  const names = new Map()
  const note = (event) => world.note({ event })
  const name = (id) => names.get(id)
  const frames = new Map()
  let lastId = 0
  const host = {
    hasToken: head.token,
    kept: (id) => frames.get(id),
    // The token function's answer is what the transcript times; the URL is taken from the same line.
    url: () => Promise.resolve(endpoints[0]?.url ?? undefined),
    token: (why) =>
      new Promise((resolve, reject) => {
        world.note({ resolve: why })
        world.asked.push({ resolve, reject })
      }),
    message: (channel, event, payload, offset, flags) => note(describeMessage(channel, event, payload, offset, flags, name)),
    address: (url) => url,
    decoder: () => undefined,
    encode: (text) => text,
    event: (kind, a, b, c, value) => note(describeEvent(kind, a, b, c, value, name)),
  }
  // As pkg-template/src/sends.ts does: where nothing waits, only numbers go to the core.
  const publish = (core, { name, ttl = 0, payload, channel: to }, channel, event, content, size) => {
    const id = lastId + 1
    if (host.frames && typeof content === 'string' && ttl === 0) {
      const frame = host.frames.frame(id, to, name, payload)
      assert.equal(host.frames.size, content.length)
      if (core.post(id, channel, size)) {
        lastId = id
        frames.set(id, frame)
        host.frames.post(frame)
        host.event(6, id, 0, 0)
        return
      }
    }
    lastId = core.say(0, channel, event, content, size, ttl)
    assert.ok(lastId > 0)
  }
  const gateway = { ...head.gateway, invalidSessionMinMs: 1_000, invalidSessionMaxMs: 5_000 }
  const protocol = head.gateway ? gateway : PRESETS[head.preset]
  const core = new Core({ ...OPTIONS, protocol, session: head.session, seed: head.seed }, host)
  for (const line of lines) {
    if (OUTPUTS.some((key) => key in line)) continue
    await world.runTo(line.at)
    if ('call' in line) call(core, line, names, publish)
    else if ('resolved' in line) answer(endpoints.shift())
    else if ('opened' in line) world.socket.onopen?.({})
    else if ('receive' in line) world.socket.onmessage?.({ data: line.receive })
    else if ('receiveBytes' in line) world.socket.onmessage?.({ data: arrayBuffer(line.receiveBytes) })
    else if ('closed' in line) world.socket.onclose?.({ code: line.closed ?? 1006 })
    else if ('network' in line) world.network(line.network)
    else if ('page' in line) world.page(line.page)
    else assert.equal(line.wait, true, `an unknown line: ${JSON.stringify(line)}`)
    await world.settle()
  }
  const { log } = world
  // What the end of the test does is no part of the transcript.
  world.log = []
  core.call(DESTROY)
  // A question without an answer holds its client, as any pending promise holds what waits for it.
  for (const { resolve } of world.asked) resolve()
  world.socket?.onclose?.({ code: 1000 })
  await world.settle()
  assert.equal(world.timers, 0, 'a destroyed core left a timer')
  core.free()
  return log
}

function answer(endpoint) {
  const { resolve, reject } = world.asked.pop()
  if (endpoint === null) reject(new Error('thrown on purpose'))
  else resolve(endpoint.token ?? undefined)
}

function call(core, line, names, publish) {
  const channel = line.channel === undefined ? 0 : core.channel(line.channel)
  names.set(channel, line.channel)
  const content = line.bytes === undefined ? JSON.stringify(line.payload) : new Uint8Array(Buffer.from(line.bytes, 'hex'))
  const size = typeof content === 'string' ? Buffer.byteLength(content) : (content?.length ?? 0)
  // A gateway's commands are named by their opcodes, which are numbers.
  const event = /^\d+$/.test(line.name) ? line.name : JSON.stringify(line.name)
  // The verbs of src/bindings/client.rs.
  const calls = {
    connect: () => core.call(0),
    close: () => core.call(1),
    retry: () => core.call(2),
    destroy: () => core.call(DESTROY),
    refresh: () => core.call(4),
    cancel: () => assert.ok(core.call(5, line.id)),
    subscribe: () => core.call(7, channel, line.presence === true),
    unsubscribe: () => core.call(8, channel),
    typing: () => core.call(9, channel, line.active),
    untrack: () => core.call(10, channel),
    publish: () => publish(core, line, channel, event, content, size),
    volatile: () => assert.ok(core.say(1, channel, event, content, size, line.ttl) > 0),
    signal: () => assert.equal(core.say(2, channel, event, content, size, line.ttl), 0),
    request: () => assert.ok(core.say(3, channel, event, content, 0, line.timeout) > 0),
    track: () => core.say(5, channel, JSON.stringify(line.state)),
  }
  assert.ok(line.call in calls, `an unknown call: ${JSON.stringify(line)}`)
  calls[line.call]()
  // What was said goes out with the next call.
  core.call(WAKE)
}

function arrayBuffer(digits) {
  return new Uint8Array(Buffer.from(digits, 'hex')).buffer
}
