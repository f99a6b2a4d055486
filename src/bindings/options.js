// The numbers among the options, in the order in which options.rs asks for them: names are better kept on this side.

const NAMES =
  'resolveTimeoutMs connectTimeoutMs handshakeTimeoutMs ackTimeoutMs subscribeTimeoutMs minMs maxMs factor stableMs ' +
  'fastAttempts slowMs maxAttempts intervalMs timeoutMs probeMs max maxBytes overflow messages perMs seed'

/** One after the other. What is missing is zero, or endless patience. */
export class Numbers {
  constructor(options) {
    const { backoff, heartbeat, queue, rate } = options
    const all = { maxAttempts: Infinity, ...options, ...backoff, ...heartbeat, ...queue, ...rate }
    this.values = NAMES.split(' ').map((name) => all[name] ?? 0)
  }

  next() {
    return this.values.shift()
  }
}
