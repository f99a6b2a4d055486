// What an application does with a socket, whatever class it is of, and a record of what it hears.

/** A class that makes sockets. */
export type SocketClass = new (url: string, protocols?: string | string[]) => WebSocket

/** One line of a record. */
export type Line = readonly unknown[]

/** Records every event with what the standard says of it. Ends when `until` is satisfied. */
function record(socket: WebSocket, lines: Line[], until: (type: string) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const note = (type: string, ...about: unknown[]): void => {
      lines.push([type, socket.readyState, ...about])
      if (until(type)) resolve()
    }
    socket.addEventListener('open', () => note('open', socket.protocol, socket.extensions === ''))
    socket.addEventListener('message', ({ data, origin }) => {
      const kind = typeof data === 'string' ? data : data instanceof Blob ? `blob ${data.size}` : `bytes ${(data as ArrayBuffer).byteLength}`
      note('message', kind, new URL(origin).protocol)
    })
    socket.addEventListener('error', (event) => note('error', event.target === socket))
    socket.addEventListener('close', ({ code, reason, wasClean }) => note('close', code, reason, wasClean))
  })
}

const closed = (type: string): boolean => type === 'close'

function thrown(action: () => unknown): string {
  try {
    action()
    return 'nothing'
  } catch (error) {
    return (error as Error).name
  }
}

/** Each makes a socket and does something with it; `url` is that of an echo server. */
export const scripts: Readonly<Record<string, (Socket: SocketClass, url: string) => Promise<Line[]>>> = {
  async everythingSent(Socket, url) {
    const lines: Line[] = []
    const socket = new Socket(`${url}/`, ['other', 'echo.v1'])
    lines.push([socket.readyState, socket.url === `${url}/`, socket.protocol, socket.binaryType, socket.bufferedAmount])
    const done = record(socket, lines, closed)
    let count = 0
    socket.onopen = () => {
      socket.send('text, ∑ and \u{1f600}')
      socket.send('')
      socket.send(new Uint8Array([1, 2, 3]).buffer)
      socket.send(new Uint8Array([0, 1, 2, 3, 4]).subarray(1, 3))
      socket.send(new DataView(new ArrayBuffer(7)))
      socket.send(new Blob(['blob']))
      socket.send(42 as unknown as string)
    }
    socket.onmessage = () => {
      count += 1
      if (count === 4) socket.binaryType = 'arraybuffer'
      socket.binaryType = 'nonsense' as BinaryType
      if (count === 7) {
        socket.close(3001, 'enough')
        lines.push(['closing', socket.readyState])
        socket.close(3002, 'again')
      }
    }
    await done
    lines.push([socket.readyState, socket.protocol, socket.bufferedAmount])
    return lines
  },
  async closedByTheServer(Socket, url) {
    const lines: Line[] = []
    const socket = new Socket(`${url}/close`)
    const done = record(socket, lines, closed)
    socket.onopen = () => socket.send('x')
    await done
    return lines
  },
  async closedByTheServerWithoutACode(Socket, url) {
    const lines: Line[] = []
    const socket = new Socket(`${url}/plain`)
    const done = record(socket, lines, closed)
    socket.onopen = () => socket.send('x')
    await done
    return lines
  },
  async cutOff(Socket, url) {
    const lines: Line[] = []
    const socket = new Socket(`${url}/cut`)
    const done = record(socket, lines, closed)
    socket.onopen = () => socket.send('x')
    await done
    return lines
  },
  async refused(Socket, url) {
    const lines: Line[] = []
    await record(new Socket(`${url}/refuse`), lines, closed)
    return lines
  },
  async closedBeforeItOpened(Socket, url) {
    const lines: Line[] = []
    const socket = new Socket(`${url}/`)
    const done = record(socket, lines, closed)
    socket.close(3000, 'not today')
    lines.push(['closing', socket.readyState])
    await done
    return lines
  },
  async closedWhileItOpens(Socket, url) {
    const lines: Line[] = []
    const socket = new Socket(`${url}/mute`)
    const done = record(socket, lines, closed)
    await new Promise((resolve) => setTimeout(resolve, 50))
    socket.close()
    lines.push(['closing', socket.readyState])
    await done
    return lines
  },
  async sentBeforeTheClose(Socket, url) {
    const lines: Line[] = []
    const socket = new Socket(`${url}/`)
    const done = record(socket, lines, closed)
    socket.onopen = () => {
      for (let index = 0; index < 40; index++) socket.send(new Uint8Array(100_000))
      socket.send('last')
      socket.close(1000)
    }
    await done
    return lines
  },
  async listeners(Socket, url) {
    const lines: Line[] = []
    const socket = new Socket(`${url}/`)
    const note = (...line: unknown[]): void => void lines.push(line)
    const removed = (): void => note('removed')
    const controller = new AbortController()
    socket.onopen = () => note('handler that is replaced')
    socket.addEventListener('open', () => note('first listener'))
    socket.addEventListener('open', removed)
    socket.addEventListener('open', { handleEvent: (event) => note('object', event.type, event.currentTarget === socket) })
    socket.addEventListener('open', () => note('once'), { once: true })
    socket.addEventListener('open', () => note('aborted'), { signal: controller.signal })
    socket.onopen = function (this: WebSocket) {
      note('handler', this === socket)
    }
    socket.removeEventListener('open', removed)
    controller.abort()
    socket.onmessage = () => note('gone')
    socket.addEventListener('message', () => note('message listener'))
    socket.onmessage = null
    note(socket.onmessage, typeof socket.onopen, socket.onclose)
    socket.onmessage = () => note('message handler, now last')
    socket.onerror = 'nonsense' as unknown as null
    note(socket.onerror)
    await new Promise((resolve) => socket.addEventListener('open', resolve))
    socket.dispatchEvent(new Event('open'))
    socket.send('x')
    await new Promise((resolve) => socket.addEventListener('message', () => setTimeout(resolve)))
    socket.close()
    await new Promise((resolve) => socket.addEventListener('close', resolve))
    return lines
  },
  async mistakes(Socket, url) {
    const make = (given: string, protocols?: string | string[]): string => thrown(() => new Socket(given, protocols))
    const lines: Line[] = [
      ['scheme', make('ftp://example.com/')],
      ['no URL', make('ws://[')],
      ['doubles', make(`${url}/`, ['a', 'a'])],
      ['no token', make(`${url}/`, 'a b')],
    ]
    const socket = new Socket(`${url}/`)
    await new Promise((resolve) => socket.addEventListener('open', resolve))
    lines.push(['999', thrown(() => socket.close(999))])
    lines.push(['1001', thrown(() => socket.close(1001))])
    lines.push(['5000', thrown(() => socket.close(5000))])
    lines.push(['long reason', thrown(() => socket.close(3000, '∑'.repeat(42)))])
    lines.push(['still open', socket.readyState])
    lines.push(['long enough', thrown(() => socket.close(3000, '∑'.repeat(41)))])
    lines.push(['again', thrown(() => socket.close()), socket.readyState])
    await new Promise((resolve) => socket.addEventListener('close', resolve))
    lines.push(['after', thrown(() => socket.close(3000)), thrown(() => socket.send('lost')), socket.bufferedAmount])
    return lines
  },
  async shape(Socket, url) {
    const socket = new Socket(url.replace('ws:', 'http:'))
    const names = ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'] as const
    const lines: Line[] = names.map((name) => [name, (Socket as typeof WebSocket)[name], Socket.prototype[name], socket[name]])
    lines.push([socket instanceof EventTarget, socket.url === `${url}/`])
    socket.close()
    await new Promise((resolve) => socket.addEventListener('close', resolve))
    return lines
  },
}
