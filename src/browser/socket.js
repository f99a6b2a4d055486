// JavaScript's half of a socket (socket.rs).

/** The rest of what `handle` takes, where there is no header: event, channel, numbers. */
export const NO_HEADER = [0, 0, NaN, NaN, NaN]

/** A listener that reports an event as one of this kind, with the code if it has one. */
export function reporter(handle, kind) {
  return (event) => handle(kind, event?.code ?? 0, ...NO_HEADER)
}
