// What a test may ask for; all of it is gone when the test is over.
import { type BrowserContext, test as base } from '@playwright/test'
import { Actor } from './actor.ts'
import { FaultProxy } from './fault-proxy.ts'
import { PageServer } from './page-server.ts'
import { Relay } from './relay.ts'
import { SECRET } from './token.ts'

export { expect } from '@playwright/test'

/** Enough for a test that sends as fast as it can. */
const FAST = ['--rate', '100000']

export class World {
  readonly context: BrowserContext
  readonly pages: PageServer
  readonly #endings: (() => Promise<unknown>)[] = []

  constructor(context: BrowserContext, pages: PageServer) {
    this.context = context
    this.pages = pages
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
  world: async ({ context, pages }, use) => {
    const world = new World(context, pages)
    await use(world)
    // Pages first: a client whose relay goes away only makes noise.
    await context.close()
    await world.end()
  },
})
