/** A shared socket as one of its components may have it: to look at, not to close or to take over. */

const FORBIDDEN = new Set<string | symbol>(['send', 'close', 'reconnect', 'drainQueuedMessages'])

/** The socket behind a proxy. What it forbids does nothing and says so in the console. */
export function guard<Socket extends WebSocket>(socket: Socket): Socket {
  return new Proxy(socket, {
    get: (target, key) => {
      if (FORBIDDEN.has(key)) return () => say(`${String(key)}() would concern every component that shares this socket. Use sendMessage, or share: false.`)
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
    set: (target, key, value) => {
      if (typeof key === 'string' && key.startsWith('on')) say(`${key} belongs to everybody who shares this socket. Use the options of useWebSocket.`)
      else if (key === 'binaryType') target.binaryType = value as BinaryType
      return true
    },
  })
}

function say(what: string): void {
  console.error(`useWebSocket: ${what}`)
}
