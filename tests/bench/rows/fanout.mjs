// The relay's fan-out: deliveries per second of its own CPU, against a relay on Node.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Listener } from '../crowd.mjs'
import { payload } from '../frames.js'
import { interleave, median, ratio } from '../measure.mjs'

const SUBSCRIBERS = 1_000
const MESSAGES = 1_000
/** Published at once, and then waited for. */
const BURST = 10
/** Per second: what Linux shows to programs, whatever the kernel counts in. */
const TICKS = 100

export const pages = []

export async function measure({ row }) {
  const relay = process.env.TAUTLINE_RELAY
  if (process.platform !== 'linux' || !relay) return console.log('fan-out: needs Linux, and TAUTLINE_RELAY to name the relay')
  const programs = {
    relay: [relay, '--listen', '127.0.0.1:0', '--open', '--rate', '1000000'],
    node: [process.execPath, fileURLToPath(new URL('../node-relay.mjs', import.meta.url))],
  }
  const rates = await interleave(Object.keys(programs), (name) => deliveries(...programs[name]))
  const detail = `relay ${median(rates.relay).toFixed(0)}, Node and ws ${median(rates.node).toFixed(0)} deliveries per CPU second`
  row(`fan-out to ${SUBSCRIBERS}`, ratio(rates.relay, rates.node), 'x Node and ws', detail, false)
}

async function deliveries(program, ...args) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, RUST_LOG: 'error' } })
  const stop = () => child.kill()
  process.on('exit', stop)
  try {
    const port = await new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('exit', (code) => reject(new Error(`the relay ended with ${code}`)))
      createInterface({ input: child.stdout }).on('line', (line) => {
        const found = /^listening on http:\/\/127\.0\.0\.1:(\d+)$/.exec(line)?.[1]
        if (found) resolve(Number(found))
      })
    })
    const listeners = []
    while (listeners.length < SUBSCRIBERS) {
      const more = Array.from({ length: 50 }, () => Listener.join(port, 'room'))
      listeners.push(...(await Promise.all(more)))
    }
    const [publisher] = listeners
    let sent = 0
    const publish = async (count) => {
      for (const end = sent + count; sent < end; ) {
        for (let burst = 0; burst < BURST; burst++, sent++) {
          publisher.say({ type: 'publish', id: sent + 1, channel: 'room', event: 'message', payload: payload(100, sent) })
        }
        // Two frames of the beginning; the publisher hears acknowledgements too.
        await Promise.all(listeners.map((one) => one.heard(2 + (one === publisher ? 2 : 1) * sent)))
      }
    }
    await publish(100)
    const before = cpu(child.pid)
    await publish(MESSAGES)
    const spent = cpu(child.pid) - before
    for (const one of listeners) one.leave()
    return (MESSAGES * SUBSCRIBERS) / spent
  } finally {
    child.removeAllListeners('exit')
    const gone = once(child, 'exit')
    child.kill()
    await gone
    process.off('exit', stop)
  }
}

/** Seconds of user and system time. The name in parentheses may hold anything, the fields after it are numbers. */
function cpu(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS
}
