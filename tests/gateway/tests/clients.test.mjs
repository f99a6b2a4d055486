// The proof: clients that others wrote, as real programs against the gateway. What they do differently is in their own files.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as cloudstorm from './clients/cloudstorm.mjs'
import * as discordeno from './clients/discordeno.mjs'
import * as discordjs from './clients/discordjs.mjs'
import * as oceanic from './clients/oceanic.mjs'
import { meet } from './meet.mjs'

const GUILD = '197038439483310086'
/** Beats of which a zombie is found in two; one second is too short for @discordeno/gateway, which then hangs. */
const BEAT = { heartbeatIntervalMs: 2000, heartbeatTimeout: 0 }

const numbers = (client, name) => client.events.filter(({ t }) => t === name).map(({ d }) => d.n)
const upTo = (count) => Array.from({ length: count }, (_, n) => n)
const of = (name, connection) => ({ kind: 'sent', name, connection })

for (const [file, module] of Object.entries({ discordjs, discordeno, oceanic, cloudstorm })) {
  const peer = { file, ...module }
  describe(peer.title, { concurrency: 6 }, () => {
    for (const transport of peer.transports) {
      for (const [cut, action] of cuts(transport, peer)) {
        test(`${transport}${cut}: READY, two hundred events and a long one arrive whole and in order`, async (t) => {
          const { gateway, client } = await meet(t, peer, {}, { transport })
          const big = peer.bigs === false ? 2 ** 30 : 2 ** 40
          const long = 'Zoë 🜁 '.repeat(9000)
          gateway.on({ on: 'identify', do: [...action, { dispatch: 'COUNT', count: 200 }, { dispatch: 'LONG', d: { id: GUILD, float: 0.5, big, negative: -7, no: null, yes: true, list: [], text: long } }] })
          const { d } = await client.shown((events) => events.find((event) => event.t === 'LONG'))
          assert.deepEqual({ ...d, big: Number(d.big) }, { id: GUILD, float: 0.5, big, negative: -7, no: null, yes: true, list: [], text: long })
          await client.shown((events) => events.some((event) => event.t === 'READY') && numbers(client, 'COUNT').length === 200)
          if (peer.unordered !== transport) assert.deepEqual(numbers(client, 'COUNT'), upTo(200))
          assert.equal(client.events.find((event) => event.t === 'READY').d.user.id, '80351110224678912')
          assert.equal(gateway.log[0].query.encoding, transport.includes('etf') ? 'etf' : 'json')
          const compress = ['zlib-stream', 'zstd-stream'].find((one) => transport.includes(one))
          assert.equal(gateway.log[0].query.compress, compress)
          assert.equal(gateway.sent('identify')[0].d.compress === true, transport === 'payload')
        })
      }
      if (peer.unordered === transport) continue
      test(`${transport}: killed under load it resumes at the other door, gets what it missed once and goes on`, async (t) => {
        const { gateway, client } = await meet(t, peer, {}, { transport })
        gateway.on({ on: 'identify', do: [{ dispatch: 'COUNT', count: 50 }] }, { on: 'resume', expect: { seq: 53 } })
        await client.shown(() => numbers(client, 'COUNT').length === 50)
        await gateway.do([{ reset: true }, { keep: 'MISSED', count: 50 }])
        await gateway.until(of('resume', 2))
        await client.shown(() => numbers(client, 'MISSED').length === 50)
        gateway.publish(GUILD, 'AFTER', { n: 0 })
        gateway.publish('41771983423143937', 'AFTER', { n: 1 })
        await client.shown(() => numbers(client, 'AFTER').length === 2)
        assert.deepEqual([numbers(client, 'COUNT'), numbers(client, 'MISSED'), numbers(client, 'AFTER')], [upTo(50), upTo(50), [0, 1]])
        assert.equal(gateway.log.find(({ kind, connection }) => kind === 'connect' && connection === 2).door, 'resume')
        assert.deepEqual([gateway.script.mismatches, gateway.script.unspent], [[], []])
        assert.equal(gateway.sent('identify').length, 1)
      })
    }

    test('its heartbeats carry the last number, and one that the gateway asks for comes at once', async (t) => {
      const { gateway } = await meet(t, peer, { heartbeatIntervalMs: 20_000 })
      gateway.on({ on: 'identify', do: [{ dispatch: 'COUNT', count: 10 }, { wait: 200 }, { heartbeat: true }] })
      const asked = await gateway.until({ kind: 'said', op: 1 }, { timeoutMs: 20_000 })
      const answer = await gateway.until((entry) => entry.name === 'heartbeat' && entry.at > asked.at)
      assert.equal(answer.d, 13)
      // The regular one is up to twenty seconds away.
      assert.ok(answer.at - asked.at < 10_000, `${answer.at - asked.at} ms`)
    })

    test('without acks it takes the connection for dead and resumes', async (t) => {
      const { gateway } = await meet(t, peer, BEAT)
      gateway.on({ on: 'heartbeat', connection: 1, times: 0, instead: true }, { on: 'resume', connection: 2, expect: { seq: 3 } })
      const closed = await gateway.until({ kind: 'closed', by: 'client', connection: 1 }, { timeoutMs: 20_000 })
      assert.ok(closed.code !== 1000 && closed.code !== 1001, `${closed.code}`)
      await gateway.until({ kind: 'said', t: 'RESUMED', connection: 2 }, { timeoutMs: 20_000 })
      assert.deepEqual(gateway.script.mismatches, [])
    })

    test('RECONNECT after READY, and then instead of HELLO, makes it resume', async (t) => {
      const { gateway } = await meet(t, peer)
      gateway.on({ on: 'identify', do: [{ wait: 200 }, { reconnect: true }] })
      gateway.on({ on: 'connect', connection: 2, instead: true, do: [{ wait: 30 }, { reconnect: true }] })
      await gateway.until({ kind: 'connect', connection: 3 }, { timeoutMs: 20_000 })
      if (!peer.stuckWithoutHello) await gateway.until({ kind: 'said', t: 'RESUMED', connection: 3 }, { timeoutMs: 20_000 })
      assert.equal(gateway.sent('identify').length, 1)
    })

    for (const resumable of [true, false]) {
      test(`INVALID_SESSION ${resumable}: it sends ${peer.afterInvalid[resumable]}`, async (t) => {
        const { gateway } = await meet(t, peer, { identifySpacingMs: 0 })
        gateway.on({ on: 'identify', do: [{ wait: 200 }, { invalidate: resumable }] })
        const invalid = await gateway.until({ kind: 'said', op: 9 }, { timeoutMs: 20_000 })
        const next = await gateway.until((entry) => entry.at > invalid.at && (entry.name === 'identify' || entry.name === 'resume'), { timeoutMs: 25_000 })
        assert.equal(next.name, peer.afterInvalid[resumable])
      })
    }

    for (const [code, action] of Object.entries(peer.afterCode)) {
      test(`close code ${code}: ${action}`, async (t) => {
        const { gateway } = await meet(t, peer, { identifySpacingMs: 0 })
        gateway.on({ on: 'identify', do: [{ wait: 200 }, { close: Number(code) }] })
        const closed = await gateway.until({ kind: 'closed', connection: 1 }, { timeoutMs: 20_000 })
        assert.equal(closed.code, Number(code))
        if (action === 'stop') {
          await assert.rejects(gateway.until({ kind: 'connect', connection: 2 }, { timeoutMs: 2500 }))
          return
        }
        const next = await gateway.until((entry) => entry.at > closed.at && (entry.name === 'identify' || entry.name === 'resume'), { timeoutMs: 25_000 })
        assert.equal(next.name, action)
      })
    }

    test('two shards identify five seconds apart and get the guilds that are theirs', async (t) => {
      const guilds = ['197038439483310086', '41771983423143937', '613425648685547541', '81384788765712384']
      const { gateway, client } = await meet(t, peer, { shards: 2, guilds }, { shards: 2 })
      await gateway.until({ kind: 'said', t: 'READY' }, { times: 2, timeoutMs: 25_000 })
      for (const guild of guilds) gateway.publish(guild, 'PING', { guild })
      await client.shown((events) => events.filter((event) => event.t === 'PING').length === 4)
      for (const { d, shard } of client.events.filter((event) => event.t === 'PING')) assert.equal(shard, Number((BigInt(d.guild) >> 22n) % 2n))
      assert.deepEqual(gateway.log.filter(({ kind }) => kind === 'judged').map(({ name }) => name), ['ok', 'ok'])
      assert.deepEqual(gateway.sent('identify').map(({ d }) => d.shard), [[0, 2], [1, 2]])
    })

    test('members that it asks for come in chunks', async (t) => {
      const { gateway, client } = await meet(t, peer, { members: 1500 })
      await client.shown((events) => events.find((event) => event.t === 'READY') && events.filter((event) => event.t === 'GUILD_CREATE').length === 2)
      client.send({ op: 8, d: { guild_id: GUILD, query: '', limit: 0, nonce: 'mine' } })
      await gateway.until(of('requestMembers', 1))
      const chunks = await client.shown((events) => {
        const found = events.filter((event) => event.t === 'GUILD_MEMBERS_CHUNK')
        return found.length === 2 ? found : undefined
      })
      assert.deepEqual(chunks.map(({ d }) => [d.chunk_index ?? d.chunkIndex, d.chunk_count ?? d.chunkCount, d.members.length]), [[0, 2, 1000], [1, 2, 500]])
    })
  })
}

/** Ways to cut what is sent, as far as a transport and a client can take them. */
function cuts(transport, peer) {
  const all = [['', []]]
  if (transport.includes('zlib-stream') && peer.splits !== false) all.push([', cut into three messages', [{ split: [1, 5] }]])
  if (peer.splits !== false) all.push([', in WebSocket fragments', [{ fragments: 3 }]])
  return all
}
