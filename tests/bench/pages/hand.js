// What a careful person writes by hand: no reconnect, no queue, no resume; only what has to happen to each message.

export class Hand {
  #socket
  #channels = new Map()
  #waiting = new Map()
  #id = 0
  gaps = 0

  constructor(socket, rooms, listener) {
    this.#socket = socket
    for (const room of rooms) this.#channels.set(room, { offset: 0, listener })
    this.ready = new Promise((resolve) => {
      let missing = rooms.length
      this.subscribed = () => --missing === 0 && resolve()
      if (missing === 0) this.welcome = resolve
    })
    socket.onopen = () => socket.send('{"type":"hello","session":"0123456789abcdef"}')
    socket.onmessage = (event) => this.hear(event.data)
  }

  hear(text) {
    const frame = JSON.parse(text)
    switch (frame.type) {
      case 'message': {
        const channel = this.#channels.get(frame.channel)
        if (!channel || frame.offset <= channel.offset) return
        if (frame.offset > channel.offset + 1) this.gaps++
        channel.offset = frame.offset
        return channel.listener(frame.payload, frame)
      }
      case 'ack': {
        const waiting = this.#waiting.get(frame.id)
        this.#waiting.delete(frame.id)
        return waiting?.resolve(frame)
      }
      case 'welcome':
        for (const channel of this.#channels.keys()) this.#socket.send(JSON.stringify({ type: 'subscribe', channel }))
        return this.welcome?.()
      case 'subscribed':
        return this.subscribed()
    }
  }

  send(channel, event, payload) {
    this.#socket.send(JSON.stringify({ type: 'publish', id: ++this.#id, channel, event, payload }))
  }

  /** The same, and resolves with the acknowledgement. Kept until then, to be sent again over the next connection. */
  deliver(channel, event, payload) {
    const id = ++this.#id
    const text = JSON.stringify({ type: 'publish', id, channel, event, payload })
    const outcome = new Promise((resolve, reject) => this.#waiting.set(id, { text, resolve, reject }))
    this.#socket.send(text)
    return outcome
  }
}
