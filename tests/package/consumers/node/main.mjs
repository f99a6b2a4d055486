import assert from 'node:assert/strict'
import { createClient, isTautlineError, TautlineError } from 'tautline'
import * as env from 'tautline/env'
import * as json from 'tautline/json'
import * as server from 'tautline/server'

const client = createClient({ url: 'wss://example.com/ws' })
assert.equal(client.getConnectionInfo().state, 'idle')
assert.equal(client.getConnectionInfo().queueSize, 0)
assert.equal(client.getStats().sent, 0)
client.channel('room').on('message', () => {})
// Where there is no WebSocket, a server that renders a page is left alone.
client.connect()
assert.equal(client.state.status, typeof WebSocket === 'undefined' ? 'idle' : 'connecting')
assert.throws(() => createClient({ url: 'wss://example.com/ws', nonsense: 1 }), (error) => {
  assert.ok(error instanceof TautlineError && isTautlineError(error))
  return error.code === 'misuse/invalid-option'
})
client.destroy()

// The entries share one client and one error class.
assert.equal(json.TautlineError, TautlineError)
const rooms = json.createClient({ url: 'wss://example.com/ws', protocol: json.presets.rooms, token: 'token' })
assert.equal(rooms.channel('lobby').status, 'idle')
assert.throws(() => rooms.refreshToken(), { code: 'misuse/unsupported' })
assert.throws(() => json.createClient({ url: 'wss://example.com/ws', protocol: { sned: {} } }), /protocol\.sned/)
rooms.destroy()

// A server has the variables as they are now.
process.env.NEXT_PUBLIC_WEBSOCKET_MESSAGE_QUEUE_SIZE = '7'
assert.deepEqual(env.resolveEnv().messageQueueSize, { value: 7, from: 'build' })
assert.equal(env.createClientFromEnv({ url: '/ws' }).getConnectionInfo().state, 'idle')
// And so does what servers use.
assert.equal(server.TautlineError, TautlineError)
const token = await server.createToken({ secret: 'a secret of thirty-two bytes or more', user: 'ada', channels: [] })
assert.equal(token.split('.').length, 3)
await assert.rejects(server.publish({ channel: '', event: 'note' }, { url: 'http://127.0.0.1:1', apiKey: 'key' }), { code: 'misuse/invalid-argument' })
