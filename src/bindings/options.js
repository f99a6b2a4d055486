// The numbers among the options, in the order in which options.rs asks for them: names are better kept on this side.

const NAMES =
  'resolveTimeoutMs connectTimeoutMs handshakeTimeoutMs ackTimeoutMs subscribeTimeoutMs minMs maxMs factor stableMs ' +
  'fastAttempts slowMs maxAttempts intervalMs timeoutMs probeMs max maxBytes overflow messages perMs hasToken seed'

/** One after the other. What is missing is zero, or endless patience. */
export function numbers(options, { hasToken }) {
  const { backoff, heartbeat, queue, rate } = options
  const all = { maxAttempts: Infinity, hasToken, ...options, ...backoff, ...heartbeat, ...queue, ...rate }
  return NAMES.split(' ').map((name) => all[name] ?? 0)
}

export function next(numbers) {
  return numbers.shift()
}
