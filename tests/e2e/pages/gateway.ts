// The page of the tests of `tautline/discord`.
import { createGateway, type DebugEvent, type Gateway, type GatewayOptions } from 'tautline/discord'

declare global {
  var gatewayLab: GatewayLab
}

/** What a test hands over: everything but functions, which cannot cross. */
export type GatewayOrder = Omit<GatewayOptions, 'url' | 'info' | 'debug'> & { readonly info?: object; readonly watched?: boolean }

/** One event as a test compares it. */
export type Heard = readonly [event: string, sequence: number | undefined, replayed: boolean, data: unknown]

export class GatewayLab {
  readonly heard: Heard[] = []
  readonly states: string[] = []
  readonly causes: (string | undefined)[] = []
  readonly resumes: number[] = []
  readonly gaps: number[] = []
  readonly problems: string[] = []
  readonly decisions: string[] = []
  gateway!: Gateway<Record<string, { n: number }>>

  open(url: string, { info, watched, ...options }: GatewayOrder): void {
    const debug = (event: DebugEvent): unknown => event.type === 'decision' && this.decisions.push(event.what)
    this.gateway = createGateway({ ...options, ...(watched && { debug }), ...(info ? { info: () => info as never } : { url }) })
    this.gateway.on('*', (data, { event, sequence, replayed }) => this.heard.push([event, sequence, replayed, data]))
    this.gateway.onLifecycle('state', ({ status, cause }) => {
      this.states.push(status)
      this.causes.push(cause?.code)
    })
    this.gateway.onLifecycle('resumed', ({ replayed }) => this.resumes.push(replayed))
    this.gateway.onLifecycle('gap', ({ nextSequence }) => this.gaps.push(nextSequence))
    this.gateway.onLifecycle('problem', ({ error }) => this.problems.push(error.code))
    this.gateway.connect()
  }

  /** The numbers that came in events of this name, in their order. */
  numbers(event: string): number[] {
    return this.heard.filter(([name]) => name === event).map(([, , , data]) => (data as { n: number }).n)
  }
}

globalThis.gatewayLab = new GatewayLab()
