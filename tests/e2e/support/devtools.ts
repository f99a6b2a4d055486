// A browser spoken to over its own debugging protocol. Playwright keeps its pages visible, awake and out of the back-forward
// cache; what pages go through without it is what some tests are about.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { WebSocket } from 'ws'

interface Answer {
  readonly id?: number
  readonly result?: Record<string, unknown>
  readonly error?: { readonly message: string }
}

type Waiting = { resolve: (result: Record<string, unknown>) => void; reject: (error: Error) => void }

export class Browser {
  readonly #child: ChildProcess
  readonly #profile: string
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, Waiting>()
  #last = 0

  private constructor(child: ChildProcess, profile: string, socket: WebSocket) {
    this.#child = child
    this.#profile = profile
    this.#socket = socket
    socket.on('message', (data) => {
      const { id, result, error } = JSON.parse(String(data)) as Answer
      const waiting = id === undefined ? undefined : this.#waiting.get(id)
      if (!waiting || id === undefined) return
      this.#waiting.delete(id)
      if (error) waiting.reject(new Error(error.message))
      else waiting.resolve(result ?? {})
    })
  }

  static async launch(path: string, args: readonly string[]): Promise<Browser> {
    const profile = await mkdtemp(join(tmpdir(), 'tautline-e2e-'))
    const all = ['--headless=new', '--remote-debugging-port=0', `--user-data-dir=${profile}`, '--no-first-run', ...args]
    const child = spawn(path, [...all, 'about:blank'], { stdio: ['ignore', 'ignore', 'pipe'] })
    const address = await new Promise<string>((resolve, reject) => {
      child.on('error', reject)
      child.on('exit', (code) => reject(new Error(`the browser ended with ${code}`)))
      createInterface({ input: child.stderr }).on('line', (line) => {
        const found = /DevTools listening on (ws:\S+)/.exec(line)?.[1]
        if (found) resolve(found)
      })
    })
    const socket = new WebSocket(address)
    await once(socket, 'open')
    return new Browser(child, profile, socket)
  }

  /** One command of the protocol. */
  call(method: string, params: object = {}, sessionId?: string): Promise<Record<string, unknown>> {
    const id = ++this.#last
    this.#socket.send(JSON.stringify({ id, method, params, sessionId }))
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
  }

  /** A new tab. The tab before it is hidden. */
  async tab(url: string): Promise<Tab> {
    const { targetId } = await this.call('Target.createTarget', { url })
    const { sessionId } = await this.call('Target.attachToTarget', { targetId, flatten: true })
    return new Tab(this, String(targetId), String(sessionId))
  }

  async close(): Promise<void> {
    const exit = once(this.#child, 'exit')
    await this.call('Browser.close')
    await exit
    this.#socket.terminate()
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 })
  }
}

export class Tab {
  readonly #browser: Browser
  readonly #target: string
  readonly #session: string

  constructor(browser: Browser, target: string, session: string) {
    this.#browser = browser
    this.#target = target
    this.#session = session
  }

  /** What a function returns in the page; it takes nothing of here along but its argument. */
  async evaluate<Result, Argument = void>(task: (argument: Argument) => Result, argument?: Argument): Promise<Awaited<Result>> {
    const expression = `(${String(task)})(${JSON.stringify(argument)})`
    const params = { expression, returnByValue: true, awaitPromise: true }
    const { result, exceptionDetails } = await this.#browser.call('Runtime.evaluate', params, this.#session)
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails))
    return (result as { value: Awaited<Result> }).value
  }

  /** Brings it to the front. */
  async show(): Promise<void> {
    await this.#browser.call('Target.activateTarget', { targetId: this.#target })
  }

  /** What a browser does to a page that was hidden for long, and undoes when it is shown. */
  async setLifecycle(state: 'frozen' | 'active'): Promise<void> {
    await this.#browser.call('Page.setWebLifecycleState', { state }, this.#session)
  }

  async navigate(url: string): Promise<void> {
    await this.#browser.call('Page.navigate', { url }, this.#session)
  }

  /** The back button. */
  async back(): Promise<void> {
    const history = await this.#browser.call('Page.getNavigationHistory', {}, this.#session)
    const { currentIndex, entries } = history as { currentIndex: number; entries: { id: number }[] }
    const entryId = entries[currentIndex - 1]?.id
    await this.#browser.call('Page.navigateToHistoryEntry', { entryId }, this.#session)
  }
}
