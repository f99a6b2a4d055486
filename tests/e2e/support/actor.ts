// One page with one client in it, as the tests speak of it.
import { expect, type Page } from '@playwright/test'
import type { Lab, Order } from '../pages/page.ts'

/** Short waits, so that a test does not sit through a user's patience. */
export const QUICK = { backoff: { minMs: 20, maxMs: 200 } } as const

/** Beats of a second: a dead peer is found within two. */
export const BEATING = { ...QUICK, connectTimeoutMs: 1000, handshakeTimeoutMs: 1000, heartbeat: { intervalMs: 1000, timeoutMs: 500, probeMs: 500 } } as const

type Recorded = {
  [Key in keyof Lab as Lab[Key] extends (...args: never[]) => unknown ? never : Key]: Lab[Key]
}

/** What a client can be in: a page of Playwright's, or a tab as users have it. */
export interface Stage {
  evaluate<Result, Argument>(task: (argument: Argument) => Result, argument: Argument): Promise<Awaited<Result>>
  evaluate<Result>(task: () => Result): Promise<Awaited<Result>>
}

export class Actor<Where extends Stage = Page> {
  readonly page: Where

  constructor(page: Where) {
    this.page = page
  }

  /** Opens a client to the relay or proxy at this port. */
  async open(port: number, options: Omit<Order, 'url'> = QUICK): Promise<void> {
    await this.page.evaluate((order) => lab.open(order), { ...options, url: `ws://127.0.0.1:${port}/ws` })
  }

  /** The same, in a channel, and waits until messages flow. */
  async join(port: number, channel: string, options?: Omit<Order, 'url'>): Promise<void> {
    await this.open(port, options)
    await this.page.evaluate((name) => lab.join(name), channel)
    await this.untilSubscribed()
  }

  /** Waits for the first subscription, or the one with this number. */
  async untilSubscribed(times = 1): Promise<void> {
    await expect.poll(async () => (await this.get('subscribed')).length, 'subscriptions').toBeGreaterThanOrEqual(times)
  }

  async untilStatus(status: string): Promise<void> {
    await expect.poll(() => this.status(), 'status').toBe(status)
  }

  status(): Promise<string> {
    return this.page.evaluate(() => lab.client.state.status)
  }

  /** One of the records of the page. */
  get<Key extends Exclude<keyof Recorded, 'client' | 'handles'>>(key: Key): Promise<Recorded[Key]> {
    return this.page.evaluate((name) => lab[name], key) as Promise<Recorded[Key]>
  }

  /** The payloads of others, in order. */
  heard(channel: string): Promise<unknown[]> {
    return this.page.evaluate((name) => lab.heard(name), channel)
  }

  /** Sends without waiting. */
  async send(channel: string, event: string, payload: unknown): Promise<void> {
    await this.page.evaluate(
      ({ channel, event, payload }) => {
        lab.handles.push(lab.client.channel(channel).send(event, payload))
      },
      { channel, event, payload },
    )
  }

  /** Sends numbers from `first` on, `everyMs` apart or all at once. */
  async sendNumbers(channel: string, count: number, everyMs = 0, first = 0): Promise<void> {
    const order = { channel, count, everyMs, first }
    await this.page.evaluate(({ channel, count, everyMs, first }) => lab.sendNumbers(channel, count, everyMs, first), order)
  }

  /** How many of the messages sent so far are acknowledged. */
  acked(): Promise<number> {
    return this.page.evaluate(() => lab.count('acked'))
  }

  /** Why connections were lost, in order. */
  async causes(): Promise<string[]> {
    const states = await this.get('states')
    return states.filter(({ status }) => status === 'reconnecting').flatMap(({ cause }) => cause ?? [])
  }
}
