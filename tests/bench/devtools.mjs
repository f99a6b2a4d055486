// A bare client of the browser's debugging protocol. Automation tools switch its Network domain on, which reports every frame of
// every WebSocket and costs as much as what is measured here.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { WebSocket } from 'ws'

const FLAGS = [
  '--headless=new',
  '--remote-debugging-port=0',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
]

/** A browser with a profile of its own. */
export class Browser {
  #child
  #profile
  #socket
  #waiting = new Map()
  #last = 0

  static async launch(path) {
    const browser = new Browser()
    browser.#profile = mkdtempSync(join(tmpdir(), 'tautline-bench-'))
    // Chromium refuses its sandbox to root.
    const root = process.getuid?.() === 0 ? ['--no-sandbox'] : []
    const args = [...FLAGS, ...root, `--user-data-dir=${browser.#profile}`, 'about:blank']
    browser.#child = spawn(path, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    process.on('exit', () => browser.#child.kill())
    const address = await new Promise((resolve, reject) => {
      browser.#child.on('error', reject)
      browser.#child.on('exit', (code) => reject(new Error(`the browser ended with ${code}`)))
      createInterface({ input: browser.#child.stderr }).on('line', (line) => {
        const found = /DevTools listening on (ws:\S+)/.exec(line)?.[1]
        if (found) resolve(found)
      })
    })
    browser.#socket = new WebSocket(address, { perMessageDeflate: false, maxPayload: 0 })
    await once(browser.#socket, 'open')
    browser.#socket.on('message', (data) => browser.#answered(JSON.parse(data)))
    browser.#socket.on('close', () => browser.#lost())
    return browser
  }

  /** One command. */
  call(method, params = {}, sessionId = undefined) {
    const id = ++this.#last
    this.#socket.send(JSON.stringify({ id, method, params, sessionId }))
    return new Promise((resolve, reject) => this.#waiting.set(id, { method, resolve, reject }))
  }

  /** A page in a context, and so in a process, of its own. `prelude` runs before anything in it. */
  async page(url, prelude = undefined) {
    const { browserContextId } = await this.call('Target.createBrowserContext')
    const { targetId } = await this.call('Target.createTarget', { url: 'about:blank', browserContextId })
    const { sessionId } = await this.call('Target.attachToTarget', { targetId, flatten: true })
    const page = new Page((method, params) => this.call(method, params, sessionId), browserContextId)
    await page.call('Performance.enable', { timeDomain: 'threadTicks' })
    if (prelude) {
      await page.call('Page.enable')
      await page.call('Page.addScriptToEvaluateOnNewDocument', { source: prelude })
    }
    await page.call('Page.navigate', { url })
    await page.run('new Promise((done) => (document.readyState === "complete" ? done() : addEventListener("load", done)))')
    return page
  }

  async closePage(page) {
    await this.call('Target.disposeBrowserContext', { browserContextId: page.context })
  }

  async close() {
    this.#child.removeAllListeners('exit')
    const gone = once(this.#child, 'exit')
    // Asked, it ends its other processes first, which would go on writing into the profile.
    this.call('Browser.close').catch(() => {})
    await gone
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }

  #answered({ id, result, error }) {
    const waiting = this.#waiting.get(id)
    if (!waiting) return
    this.#waiting.delete(id)
    if (error) waiting.reject(new Error(`${waiting.method}: ${error.message}`))
    else waiting.resolve(result)
  }

  #lost() {
    for (const { reject } of this.#waiting.values()) reject(new Error('the browser hung up'))
    this.#waiting.clear()
  }
}

class Page {
  constructor(call, context) {
    this.call = call
    this.context = context
  }

  /** The value of an expression; a promise is awaited. */
  async run(expression) {
    const { result, exceptionDetails } = await this.call('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    })
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    return result.value
  }

  /** Calls a member of the page's `bench` with JSON arguments. */
  bench(name, ...given) {
    return this.run(`bench.${name}(${given.map((one) => JSON.stringify(one)).join(', ')})`)
  }

  async metrics() {
    const { metrics } = await this.call('Performance.getMetrics')
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]))
  }

  /** Main-thread CPU seconds that a piece of work costs: of all tasks, and of script alone. */
  async cpu(work) {
    await this.collect()
    const before = await this.metrics()
    await work()
    const after = await this.metrics()
    const spent = (name) => after[name] - before[name]
    return { task: spent('TaskDuration'), script: spent('ScriptDuration') }
  }

  async collect() {
    await this.call('HeapProfiler.collectGarbage')
  }

  /** Bytes of JavaScript that are alive. */
  async heap() {
    // Finalisers free wasm-bindgen's handles only after a collection, and what they free goes with the next.
    for (let turn = 0; turn < 3; turn++) await this.collect()
    const { usedSize } = await this.call('Runtime.getHeapUsage')
    return usedSize
  }
}
