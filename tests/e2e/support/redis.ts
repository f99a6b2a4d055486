// A real redis-server as a child process, in a folder and behind a socket of its own.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export class Redis {
  readonly #folder: string
  #child: ChildProcess | undefined

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async start(): Promise<Redis> {
    const redis = new Redis(await mkdtemp(join(tmpdir(), 'tautline-redis-')))
    await redis.start()
    return redis
  }

  get url(): string {
    return `redis+unix://${this.#socket}`
  }

  get #socket(): string {
    return join(this.#folder, 'redis.sock')
  }

  /** Starts it (again) with what it has kept, and waits until it listens. */
  async start(): Promise<void> {
    const args = ['--dir', this.#folder, '--unixsocket', this.#socket, '--port', '0', '--save', '']
    const child = spawn('redis-server', [...args, '--appendonly', 'yes', '--appendfsync', 'always'], { stdio: 'ignore' })
    this.#child = child
    const failed = once(child, 'error').then(([error]) => {
      throw new Error('redis-server cannot be started: run `cargo xtask install`', { cause: error })
    })
    await Promise.race([failed, this.#listens()])
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
    await rm(this.#socket, { force: true })
  }

  /** Ends it and forgets what it kept. */
  async remove(): Promise<void> {
    await this.kill()
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #listens(): Promise<void> {
    for (;;) {
      const there = await new Promise<boolean>((resolve) => {
        const socket = net.connect(this.#socket)
        socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
        socket.on('connect', () => socket.destroy())
      })
      if (there) return
      await sleep(20)
    }
  }
}
