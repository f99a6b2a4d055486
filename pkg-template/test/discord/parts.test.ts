import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { redact } from '../../src/discord/debug.ts'
import { shardOf } from '../../src/discord/gateway.ts'
import { MemberRequests } from '../../src/discord/members.ts'
import { parseGatewayOptions } from '../../src/discord/options.ts'
import { Overlap } from '../../src/discord/overlap.ts'
import { PresenceLane } from '../../src/discord/presence.ts'
import { keepSession, takeSession } from '../../src/discord/resume.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('shardOf', () => {
  test('a guild belongs to one shard by exact 64-bit maths', () => {
    expect(shardOf('197038439483310086', 16)).toBe(Number((197038439483310086n >> 22n) % 16n))
    expect(shardOf('18446744073709551615', 7)).toBe(Number((18446744073709551615n >> 22n) % 7n))
    expect(shardOf(0n, 5)).toBe(0)
  })
  test('an id that is none is a misuse', () => {
    for (const id of ['', 'x', '1.5', '-1', '1e3', '123456789012345678901']) expect(() => shardOf(id, 2)).toThrow('misuse/invalid-argument')
  })
})

describe('members', () => {
  const chunk = (nonce: string, index: number, count: number) =>
    ({ nonce, chunk_index: index, chunk_count: count, guild_id: '1', members: [] }) as never

  test('chunks in any order and twice make one answer', async () => {
    const requests = new MemberRequests()
    let nonce = ''
    const answer = requests.ask(async (given) => void (nonce = given), 1_000)
    await vi.advanceTimersByTimeAsync(0)
    for (const index of [2, 0, 0, 2]) requests.handle(chunk(nonce, index, 3))
    requests.handle(chunk('other', 1, 3))
    requests.handle(chunk(nonce, 1, 3))
    expect((await answer).map((each) => each.chunk_index)).toEqual([0, 1, 2])
  })
  test('silence ends the request, and a chunk begins it anew', async () => {
    const requests = new MemberRequests()
    let nonce = ''
    const answer = requests.ask(async (given) => void (nonce = given), 1_000)
    const outcome = expect(answer).rejects.toMatchObject({ code: 'late/reply' })
    await vi.advanceTimersByTimeAsync(900)
    requests.handle(chunk(nonce, 0, 2))
    await vi.advanceTimersByTimeAsync(900)
    requests.handle(chunk(nonce, 0, 2))
    await vi.advanceTimersByTimeAsync(1_000)
    await outcome
  })
  test('an abort, a failed send and the end of the session end it with their reason', async () => {
    const requests = new MemberRequests()
    const control = new AbortController()
    const first = requests.ask(async () => {}, 1_000, control.signal)
    control.abort()
    await expect(first).rejects.toMatchObject({ code: 'dropped/cancelled' })
    await expect(requests.ask(() => Promise.reject(new Error('no')), 1_000)).rejects.toThrow()
    await expect(requests.ask(async () => {}, 1_000, AbortSignal.abort())).rejects.toMatchObject({ code: 'dropped/cancelled' })
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('presence', () => {
  test('only the latest presence is sent, five times in twenty seconds at most', () => {
    const sent: string[] = []
    const lane = new PresenceLane((presence) => sent.push(presence.status))
    for (let index = 0; index < 50; index++) {
      lane.update({ status: index === 49 ? 'dnd' : 'online', since: null, activities: [], afk: false } as never, true)
    }
    expect(sent).toHaveLength(5)
    vi.advanceTimersByTime(20_000)
    expect(sent).toEqual(['online', 'online', 'online', 'online', 'online', 'dnd'])
  })
  test('a lost line stops it, and the next session hears the latest', () => {
    const sent: unknown[] = []
    const lane = new PresenceLane((presence) => sent.push(presence))
    lane.update({ status: 'idle' } as never, false)
    lane.pause()
    expect(sent).toEqual([])
    lane.flush()
    expect(sent).toEqual([{ status: 'idle' }])
  })
})

describe('overlap', () => {
  test('each event is delivered once, whichever side hears it first and whenever', () => {
    const overlap = new Overlap()
    expect(overlap.admit('new', 'A', 1)).toBe(false)
    expect(overlap.admit('old', 'B', 1)).toBe(true)
    void overlap.share()
    expect(overlap.admit('old', 'A', 1)).toBe(true)
    expect(overlap.admit('new', 'B', 1)).toBe(false)
    expect(overlap.admit('new', 'C', 1)).toBe(true)
    expect(overlap.admit('old', 'C', 1)).toBe(false)
    expect(overlap.admit('old', 'C', 1)).toBe(true)
    expect(overlap.admit('new', 'C', 1)).toBe(false)
    overlap.end()
  })
})

describe('resume', () => {
  const store = new Map<string, string>()
  beforeEach(() => {
    store.clear()
    vi.stubGlobal('sessionStorage', {
      getItem: (key: string) => store.get(key) ?? null,
      setItem: (key: string, value: string) => void store.set(key, value),
      removeItem: (key: string) => void store.delete(key),
    })
  })
  const session = { id: 'abc', sequence: 7, url: 'wss://resume/' }

  test('a session is taken once, so that a duplicated tab does not resume it too', () => {
    keepSession('a', session)
    expect(takeSession('a')).toEqual(session)
    expect(takeSession('a')).toBeUndefined()
  })
  test('an old session, another text and a forbidden storage are no session', () => {
    keepSession('a', session)
    vi.advanceTimersByTime(180_000)
    expect(takeSession('a')).toBeUndefined()
    for (const text of ['{', 'null', '[]', '{"id":1,"sequence":1,"at":1}', '{"id":"a","sequence":"1"}']) {
      store.set('tautline:session:a', text)
      expect(takeSession('a')).toBeUndefined()
    }
    vi.stubGlobal('sessionStorage', undefined)
    keepSession('a', session)
    expect(takeSession('a')).toBeUndefined()
  })
})

test('no token is left in a debug text, however it is written', () => {
  for (const text of ['{"op":2,"d":{"token":"secret","x":1}}', '{"token" : "se\\"cret"}']) expect(redact(text)).not.toMatch(/secret|cret/)
})

describe('options', () => {
  const given = { url: 'wss://gateway.test', intents: 1 }
  test('every mistake is named with what was expected', () => {
    const wrong: [object, string][] = [
      [{ intents: 1 }, 'url'],
      [{ ...given, intents: -1 }, 'intents'],
      [{ ...given, shards: 0 }, 'shards'],
      [{ ...given, shards: 'auto' }, 'info'],
      [{ ...given, shards: { total: 2, ids: [2] } }, 'shards.ids'],
      [{ ...given, compression: 'gzip' }, 'compression'],
      [{ ...given, compression: 'payload', encoding: 'etf' }, 'compression'],
      [{ ...given, encoding: 'xml' }, 'encoding'],
      [{ ...given, inflate: { maxMessageBytes: 1 } }, 'inflate.maxMessageBytes'],
      [{ ...given, largeThreshold: 10 }, 'largeThreshold'],
      [{ ...given, invalidSessionWaitMs: [5, 1] }, 'invalidSessionWaitMs'],
      [{ ...given, intent: 1 }, 'intent'],
      [{ ...given, queue: { persist: true } }, 'queue.persist'],
    ]
    for (const [options, name] of wrong) expect(() => parseGatewayOptions(options as never), name).toThrow(`${name}:`)
  })
})
