// Commands for the gateway over HTTP, for tests that run in another process.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'

/** @typedef {import('./gateway.mjs').Gateway} Gateway */

/**
 * Serves the commands on a free port of loopback, each a POST with JSON:
 * `/on` rules · `/do` {actions, connection?} · `/publish` {guild?, t, d} · `/until` {wanted, timeoutMs?, times?} · `/state` · `/log` · `/clear`.
 * @param {Gateway} gateway
 */
export async function control(gateway) {
  /** @type {Record<string, (body: any) => unknown>} */
  const commands = {
    '/on': (rules) => void gateway.on(...[rules].flat()),
    '/do': ({ actions, connection }) => gateway.do(actions, connection),
    '/publish': ({ guild = null, t, d }) => gateway.publish(guild, t, d),
    '/until': ({ wanted, ...how }) => gateway.until(wanted, how),
    '/state': () => ({ url: gateway.url, resumeUrl: gateway.resumeUrl, api: gateway.api, info: gateway.info, connections: gateway.connections.map(({ number }) => number), mismatches: gateway.script.mismatches, unspent: gateway.script.unspent }),
    '/log': () => gateway.log,
    '/clear': () => {
      gateway.script.clear()
      gateway.log.length = 0
    },
  }
  const headers = { 'content-type': 'application/json', 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' }
  const server = createServer((request, response) => {
    const command = Object.hasOwn(commands, request.url ?? '') ? commands[request.url ?? ''] : undefined
    const answer = (/** @type {number} */ status, /** @type {unknown} */ body) => response.writeHead(status, headers).end(JSON.stringify(body ?? null))
    if (request.method === 'OPTIONS') return void answer(200, null)
    if (!command) return void answer(404, `expected one of ${Object.keys(commands).join(', ')}`)
    void text(request)
      .then(async (body) => answer(200, await command(body === '' ? {} : JSON.parse(body))))
      .catch((error) => answer(400, String(error)))
  })
  server.listen({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
