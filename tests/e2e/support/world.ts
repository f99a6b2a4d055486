// What a test may ask for; all of it is gone when the test is over.
import { type BrowserContext, expect, type LaunchOptions, test as base } from '@playwright/test'
import { Actor } from './actor.ts'
import { Browser, type Tab } from './devtools.ts'
import { ExampleServer } from './example-server.ts'
import { FaultProxy } from './fault-proxy.ts'
import { PageServer } from './page-server.ts'
import { Redis } from './redis.ts'
import { Relay } from './relay.ts'
import { SECRET } from './token.ts'

export { expect }

/** Enough for a test that sends as fast as it can. */
const FAST = ['--rate', '100000']

export class World {
  readonly context: BrowserContext
  readonly pages: PageServer
  readonly #launch: LaunchOptions
  readonly #endings: (() => Promise<unknown>)[] = []

  constructor(context: BrowserContext, pages: PageServer, launch: LaunchOptions) {
    this.context = context
    this.pages = pages
    this.#launch = launch
  }

  /** A relay that lets everybody in. */
  async relay(...args: string[]): Promise<Relay> {
    return this.#keep(await Relay.start('--open', ...FAST, ...args), (relay) => relay.kill())
  }

  /** A relay that wants tokens. */
  async guardedRelay(...args: string[]): Promise<Relay> {
    const origin = new URL(this.pages.url()).origin
    const relay = await Relay.start('--jwt-secret', SECRET, '--allow-origin', origin, ...FAST, ...args)
    return this.#keep(relay, (started) => started.kill())
  }

  /** A Redis for relays to share. */
  async redis(): Promise<Redis> {
    return this.#keep(await Redis.start(), (redis) => redis.remove())
  }

  /** A server that somebody wrote by hand: one of examples/servers. */
  async example(name: string, env?: NodeJS.ProcessEnv): Promise<ExampleServer> {
    return this.#keep(await ExampleServer.start(name, env), (server) => server.kill())
  }

  /** A proxy in front of anything that has a port. */
  async proxy(target: { readonly port: number }): Promise<FaultProxy> {
    return this.#keep(await FaultProxy.open(() => target.port), (proxy) => proxy.close())
  }

  /** A page with no client in it yet. */
  async actor(): Promise<Actor> {
    const page = await this.context.newPage()
    await page.goto(this.pages.url())
    return new Actor(page)
  }

  /** A browser as users have it, whose tabs are hidden, frozen and cached. */
  async browser(): Promise<Browser> {
    const { executablePath = 'chromium', args = [] } = this.#launch
    return this.#keep(await Browser.launch(executablePath, args), (browser) => browser.close())
  }

  /** A tab of such a browser with no client in it yet. */
  async actorIn(browser: Browser): Promise<Actor<Tab>> {
    const tab = await browser.tab(this.pages.url())
    await expect.poll(() => tab.evaluate(() => typeof lab), 'the page is loaded').toBe('object')
    return new Actor(tab)
  }

  /** Ends it with the test. */
  keep(ending: () => Promise<unknown>): void {
    this.#endings.push(ending)
  }

  async end(): Promise<void> {
    for (const ending of this.#endings.reverse()) await ending()
  }

  #keep<Thing>(thing: Thing, ending: (thing: Thing) => Promise<unknown>): Thing {
    this.keep(() => ending(thing))
    return thing
  }
}

export const test = base.extend<{ world: World }, { pages: PageServer }>({
  pages: [
    async ({}, use) => {
      const pages = await PageServer.start()
      await use(pages)
      await pages.close()
    },
    { scope: 'worker' },
  ],
  world: async ({ context, pages, launchOptions }, use) => {
    const world = new World(context, pages, launchOptions)
    await use(world)
    // Pages first: a client whose relay goes away only makes noise.
    await context.close()
    await world.end()
  },
})
