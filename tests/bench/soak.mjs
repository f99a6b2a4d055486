// Many reconnects and messages in one page: what is counted before and after has to be the same. Needs CHROME_PATH and the built
// package. SOAK_RECONNECTS and SOAK_MESSAGES set the length; the defaults are short.
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocketServer } from 'ws'
import { Browser } from './devtools.mjs'
import { answer, message, ROOMS } from './frames.js'
import { serve } from './site.mjs'

const RECONNECTS = Number(process.env.SOAK_RECONNECTS) || 50
const MESSAGES = Number(process.env.SOAK_MESSAGES) || 20_000
/** Before the first count: code gets hot, buffers find their size. */
const WARM = 20
const SENDS = 8
/** What the engine may keep of its own accord over any length. */
const HEAP_BYTES = 300_000
const PATIENCE_MS = 20_000

class Server {
  sockets = new Set()
  published = 0
  /** The next message, over all connections. */
  index = 0
  #joined = 0
  #current
  #server = new WebSocketServer({ noServer: true, perMessageDeflate: false, handleProtocols: ([first]) => first })

  constructor(server) {
    server.on('upgrade', (request, stream, head) => {
      this.#server.handleUpgrade(request, stream, head, (socket) => this.#accept(socket))
    })
  }

  get ready() {
    return this.#joined === ROOMS.length
  }

  say(count) {
    for (const end = this.index + count; this.index < end; this.index++) this.#current.send(message(100, this.index))
  }

  /** By turns with a close frame and without. */
  cut(politely) {
    this.#joined = 0
    if (politely) this.#current.close(1012)
    else this.#current.terminate()
  }

  #accept(socket) {
    this.#current = socket
    this.#joined = 0
    this.sockets.add(socket)
    socket.on('close', () => this.sockets.delete(socket))
    socket.on('message', (data) => {
      const frame = JSON.parse(data)
      // Of a connection that was cut: the client sends it again.
      if (socket !== this.#current || socket.readyState !== socket.OPEN) return
      if (frame.type === 'publish') this.published++
      socket.send(answer(frame))
      if (frame.type === 'subscribe') this.#joined++
    })
  }
}

async function until(what, check) {
  const end = Date.now() + PATIENCE_MS
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`waited ${PATIENCE_MS} ms for ${what}`)
    await sleep(2)
  }
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))
if (!process.env.CHROME_PATH) throw new Error('expected CHROME_PATH to name the browser')
const site = await serve(['soak'])
const server = new Server(site.server)
const browser = await Browser.launch(process.env.CHROME_PATH)
const each = Math.ceil(MESSAGES / RECONNECTS)
let sent = 0

async function round(page, number) {
  await until('the subscriptions', () => server.ready)
  await page.bench('send', SENDS)
  sent += SENDS
  server.say(each)
  await until('every message and every outcome', async () => {
    const heard = await page.bench('heard')
    return heard.messages >= server.index && heard.acked + heard.failed >= sent
  })
  server.cut(number % 2 === 0)
}

async function counts(page) {
  await until('the subscriptions', () => server.ready)
  await until('one open socket', () => server.sockets.size === 1)
  const heap = await page.heap()
  const { JSEventListeners, Nodes, Documents } = await page.metrics()
  const flat = { ...(await page.bench('counts')), 'event listeners': JSEventListeners, nodes: Nodes, documents: Documents }
  return { flat, heap }
}

try {
  const page = await browser.page(site.url('soak'))
  await page.bench('open', site.socket('/tautline'))
  for (let number = 0; number < WARM; number++) await round(page, number)
  const before = await counts(page)
  for (let number = 0; number < RECONNECTS; number++) await round(page, number)
  const after = await counts(page)
  const heard = await page.bench('heard')

  const wrong = []
  const equal = (name, came, expected) => {
    console.log(`${name.padEnd(20)}${came}`)
    if (came !== expected) wrong.push(`${name}: expected ${expected}, came ${came}`)
  }
  equal('messages', heard.messages, server.index)
  equal('out of order', heard.wrong, 0)
  equal('gaps', heard.gaps, 0)
  equal('acknowledged', heard.acked, sent)
  equal('failed', heard.failed, 0)
  for (const [name, count] of Object.entries(before.flat)) equal(name, after.flat[name], count)
  const grown = after.heap - before.heap
  console.log(`${'heap growth'.padEnd(20)}${grown} bytes`)
  if (grown > HEAP_BYTES) wrong.push(`heap growth: expected at most ${HEAP_BYTES} bytes, came ${grown}`)
  console.log(wrong.length === 0 ? `flat over ${RECONNECTS} reconnects` : `\n${wrong.join('\n')}`)
  process.exitCode = wrong.length === 0 ? 0 : 1
} finally {
  await browser.close()
  site.close()
}
