// Replays tests/transcripts/raw on the built WebAssembly of `tautline/websocket`, whose class has verbs of its own and tells less:
// the state, messages, and the end after a close.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { Core, initSync } from '../../pkg-template/src/wasm/raw/core.js'
import { describeEvent } from './events.mjs'
import { hex, World } from './world.mjs'

const TRANSCRIPTS = new URL('../transcripts/raw/', import.meta.url)
const OUTPUTS = ['resolve', 'open', 'sent', 'sentBytes', 'close', 'event']
const TOLD = ['state', 'parted', 'signal']

initSync(readFileSync(new URL('../../pkg-template/src/wasm/raw/core_bg.wasm', import.meta.url)))

const world = new World()
const saved = { setTimeout, clearTimeout, now: Date.now, performance }
world.install()
after(() => {
  Object.assign(globalThis, { setTimeout: saved.setTimeout, clearTimeout: saved.clearTimeout, performance: saved.performance })
  Date.now = saved.now
})

for (const file of readdirSync(TRANSCRIPTS)) {
  const [head, ...lines] = readFileSync(new URL(file, TRANSCRIPTS), 'utf8').trim().split('\n').map((line) => JSON.parse(line))
  test(`raw/${file}: ${head.about}`, async () => {
    const came = await replay(head, lines)
    const expected = lines.filter((line) => OUTPUTS.some((key) => key in line) && (!line.event || TOLD.includes(line.event.event)))
    // The driver asks the functions in a promise of its own, so at their time but not in their place.
    for (const pick of [(line) => !('resolve' in line), (line) => 'resolve' in line]) {
      assert.deepStrictEqual(came.filter(pick), expected.filter(pick))
    }
  })
}

/** As pkg-template/src/websocket/options.ts fills them in. */
function options({ ping, pong, maxAttempts = Infinity }, seed) {
  return {
    resolveTimeoutMs: 15_000,
    connectTimeoutMs: 4_000,
    backoff: { minMs: 1_000, maxMs: 10_000, factor: 1.3, stableMs: 5_000, fastAttempts: 2 ** 32 - 1, slowMs: 8_000, maxAttempts },
    heartbeat: { ping, pong, intervalMs: 25_000, timeoutMs: 10_000, probeMs: 4_000, silenceMs: 0 },
    queue: { max: 1_000, maxBytes: 4 << 20 },
    seed,
  }
}

async function replay(head, lines) {
  world.reset()
  const host = {
    hasToken: false,
    endpoint: () => {
      world.note({ resolve: 'connect' })
      return new Promise((resolve, reject) => world.asked.push({ resolve, reject }))
    },
    open: (url, protocols) => new WebSocket(url, protocols),
    message: (data) => {
      const payload = typeof data === 'string' ? data : { $bytes: hex(new Uint8Array(data)) }
      world.note({ event: { event: 'signal', channel: null, name: null, payload } })
    },
    event: (kind, state, cause, retry) => world.note({ event: describeEvent(kind, state, cause, Math.max(0, retry)) }),
  }
  const core = new Core(options(head.raw, head.seed), host)
  const calls = {
    connect: () => core.connect(),
    close: ({ code, reason }) => core.close(code, reason),
    reconnect: ({ code, reason }) => core.reconnect(code, reason),
    send: ({ text, bytes }) => assert.ok(core.send(text ?? new Uint8Array(Buffer.from(bytes, 'hex')), 1)),
  }
  for (const line of lines) {
    if (OUTPUTS.some((key) => key in line)) continue
    await world.runTo(line.at)
    if ('call' in line) calls[line.call](line)
    else if (line.resolved) world.asked.pop().resolve([line.resolved.url, line.resolved.protocols])
    else if ('resolved' in line) world.asked.pop().reject(new Error('thrown on purpose'))
    else if ('opened' in line) world.socket.onopen?.({})
    else if ('receive' in line) world.socket.onmessage?.({ data: line.receive })
    else if ('receiveBytes' in line) world.socket.onmessage?.({ data: new Uint8Array(Buffer.from(line.receiveBytes, 'hex')).buffer })
    else if ('closed' in line) world.socket.onclose?.({ code: line.closed ?? 1006 })
    else if ('page' in line) world.page(line.page)
    else assert.equal(line.wait, true, `an unknown line: ${JSON.stringify(line)}`)
    await world.settle()
  }
  const { log } = world
  world.log = []
  core.close(1000, '')
  world.socket?.onclose?.({ code: 1000 })
  await world.settle()
  assert.equal(world.timers, 0, 'a closed core left a timer')
  core.free()
  return log
}
