// JavaScript's half of a socket (socket.rs).

/** What a socket reports besides frames, in the numbers of socket.rs. */
const OPENED = -4
const CLOSED = -5

/** The rest of what `handle` takes, where there is no header: event, channel, numbers. */
export const NO_HEADER = [0, 0, NaN, NaN, NaN]

/** Reports what happens to a socket: its frames come through `message`. */
export function listen(socket, message, handle) {
  // Blobs would be read asynchronously and could overtake each other.
  socket.binaryType = 'arraybuffer'
  socket.onopen = () => handle(OPENED, 0, ...NO_HEADER)
  socket.onmessage = message
  socket.onclose = ({ code }) => handle(CLOSED, code, ...NO_HEADER)
  return socket
}

/** No longer does. */
export function forget(socket) {
  socket.onopen = socket.onmessage = socket.onclose = null
}

export function send(socket, data) {
  try {
    socket.send(data)
  } catch {
    // It throws only while connecting, when the core sends nothing; a closing socket swallows it, and the core resends.
  }
}

export function close(socket, code, reason) {
  try {
    socket.close(code, reason)
  } catch {
    // It throws only for codes and reasons that were refused before they came here.
  }
}
