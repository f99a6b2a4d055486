// A GraphQL server over WebSockets, as graphql-ws serves it: `count` gives a number every so often, the same to everybody.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { GraphQLInt, GraphQLObjectType, GraphQLSchema } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'

export class GraphqlServer {
  readonly #sockets = new WebSocketServer({ host: '127.0.0.1', port: 0 })

  static async start(everyMs = 20): Promise<GraphqlServer> {
    const server = new GraphqlServer()
    const started = Date.now()
    const now = (): number => Math.floor((Date.now() - started) / everyMs)
    async function* count(): AsyncGenerator<{ count: number }> {
      for (;;) {
        yield { count: now() }
        await new Promise((resolve) => setTimeout(resolve, everyMs))
      }
    }
    const field = { type: GraphQLInt }
    const schema = new GraphQLSchema({
      query: new GraphQLObjectType({ name: 'Query', fields: { now: { ...field, resolve: now } } }),
      subscription: new GraphQLObjectType({ name: 'Subscription', fields: { count: { ...field, subscribe: count } } }),
    })
    useServer({ schema }, server.#sockets)
    await once(server.#sockets, 'listening')
    return server
  }

  get port(): number {
    return (this.#sockets.address() as AddressInfo).port
  }

  /** How many connections there are. */
  get connections(): number {
    return this.#sockets.clients.size
  }

  async close(): Promise<void> {
    for (const client of this.#sockets.clients) client.terminate()
    await new Promise<void>((resolve) => this.#sockets.close(() => resolve()))
  }
}
