// The page's life and the network's, as far as the browser tells. Works in a worker too, where there is no document.

/** What is listened to, in the numbers of page.rs. */
const KINDS = ['online', 'offline', 'pagehide', 'freeze', 'pageshow', 'resume', 'visibilitychange']
const VISIBILITY = 6
const OF_DOCUMENT = ['freeze', 'resume', 'visibilitychange']

export class Watch {
  constructor(listener) {
    this.listener = listener
    this.each('addEventListener')
  }

  end() {
    this.each('removeEventListener')
  }

  each(method) {
    for (const type of KINDS) {
      const target = OF_DOCUMENT.includes(type) ? globalThis.document : globalThis
      target?.[method]?.(type, this.listener)
    }
  }

  /** Which of the kinds an event is; another number where it tells nothing. */
  static kind({ type }) {
    const number = KINDS.indexOf(type)
    return number === VISIBILITY && document.visibilityState !== 'visible' ? KINDS.length : number
  }

  /** Whether the browser says that there is no network. */
  static offline() {
    return globalThis.navigator?.onLine === false
  }
}
