// The page's life and the network's, as far as the browser tells. Works in a worker too, where there is no document.
import { NO_HEADER } from './socket.js'

/** What is listened to, in the numbers of page.rs. */
const KINDS = ['online', 'offline', 'pagehide', 'freeze', 'pageshow', 'resume', 'visibilitychange']
const OFFLINE = 1
const OF_DOCUMENT = ['freeze', 'resume', 'visibilitychange']

/** Listens until `unwatch` has what it returns. The first word is that the browser is offline, if it says so. */
export function watch(handle) {
  const listener = ({ type }) => {
    if (type !== 'visibilitychange' || document.visibilityState === 'visible') handle(KINDS.indexOf(type), 0, ...NO_HEADER)
  }
  each('addEventListener', listener)
  if (globalThis.navigator?.onLine === false) handle(OFFLINE, 0, ...NO_HEADER)
  return listener
}

export function unwatch(listener) {
  each('removeEventListener', listener)
}

function each(method, listener) {
  for (const type of KINDS) {
    const target = OF_DOCUMENT.includes(type) ? globalThis.document : globalThis
    target?.[method]?.(type, listener)
  }
}
