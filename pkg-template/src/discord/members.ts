/** Collects the chunks that answer a request for the members of a guild, by its nonce. */
import type { GatewayGuildMembersChunkDispatchData as Chunk } from 'discord-api-types/v10'
import { TautlineError } from '../error.ts'

interface Open {
  readonly chunks: Chunk[]
  received: number
  /** The silence begins anew. */
  wait(): void
  settle(outcome: readonly Chunk[] | Error): void
}

/** The open requests of one shard. */
export class MemberRequests {
  readonly #open = new Map<string, Open>()
  #count = 0

  /**
   * Asks by `send`, which is given the nonce. Resolves with the chunks in their order.
   *
   * @throws {TautlineError} `late/reply` after a silence of `timeoutMs`, `dropped/cancelled`, or why it could not be sent
   */
  ask(send: (nonce: string) => Promise<unknown>, timeoutMs: number, signal?: AbortSignal): Promise<readonly Chunk[]> {
    const nonce = `tautline${(this.#count++).toString(36)}`
    return new Promise((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined
      const cancel = (): void => settle(new TautlineError('dropped/cancelled', { cause: signal?.reason }))
      const wait = (): void => {
        clearTimeout(timer)
        timer = setTimeout(() => settle(new TautlineError('late/reply')), timeoutMs)
      }
      const settle = (outcome: readonly Chunk[] | Error): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', cancel)
        if (this.#open.delete(nonce)) outcome instanceof Error ? reject(outcome) : resolve(outcome)
      }
      this.#open.set(nonce, { chunks: [], received: 0, wait, settle })
      if (signal?.aborted) return cancel()
      signal?.addEventListener('abort', cancel)
      // A message in the queue has no time limit but its own.
      send(nonce).then(() => this.#open.has(nonce) && wait(), settle)
    })
  }

  /** A chunk came, perhaps for somebody else. */
  handle(chunk: Chunk): void {
    const open = this.#open.get(chunk.nonce ?? '')
    if (!open) return
    if (!(chunk.chunk_index in open.chunks)) open.received++
    open.chunks[chunk.chunk_index] = chunk
    if (open.received >= chunk.chunk_count) open.settle(open.chunks)
    else open.wait()
  }

  /** The session is gone, and the answers with it. */
  fail(error: TautlineError): void {
    for (const open of [...this.#open.values()]) open.settle(error)
  }
}
