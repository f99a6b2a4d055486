/** A string under tension: it sags, is plucked, and comes to rest. Positions run from 0 to 1, heights in units of depth. */

const MODES = 4
const STEP_S = 1 / 240
/** Below this nothing can be seen. */
const STILL = 0.002

export class TautString {
  /** 0 is tight, 1 hangs. */
  #sag = 0
  #sagSpeed = 0
  /** 1: the far end has come off. */
  #drop = 0
  #dropSpeed = 0
  #targetSag = 0
  #targetDrop = 0
  readonly #swing = new Array<number>(MODES).fill(0)
  readonly #speed = new Array<number>(MODES).fill(0)

  /** Pulls tight or lets go; the string then moves there by itself. */
  hold(sag: number, drop: number): void {
    this.#targetSag = sag
    this.#targetDrop = drop
  }

  /** Goes there at once, for those who want no motion. */
  settle(): void {
    this.#sag = this.#targetSag
    this.#drop = this.#targetDrop
    this.#sagSpeed = this.#dropSpeed = 0
    this.#swing.fill(0)
    this.#speed.fill(0)
  }

  pluck(at: number, strength: number): void {
    for (let mode = 0; mode < MODES; mode += 1) {
      const order = mode + 1
      this.#speed[mode] = (this.#speed[mode] ?? 0) + (strength * this.#pitch(mode) * Math.sin(order * Math.PI * at)) / order
    }
  }

  /** Moves on. */
  step(seconds: number): void {
    for (let left = Math.min(seconds, 0.05); left > 0; left -= STEP_S) {
      this.#sagSpeed += ((this.#targetSag - this.#sag) * 120 - this.#sagSpeed * 9) * STEP_S
      this.#sag += this.#sagSpeed * STEP_S
      this.#dropSpeed += ((this.#targetDrop - this.#drop) * 60 - this.#dropSpeed * 7) * STEP_S
      this.#drop += this.#dropSpeed * STEP_S
      for (let mode = 0; mode < MODES; mode += 1) {
        const pitch = this.#pitch(mode)
        const swing = this.#swing[mode] ?? 0
        let speed = this.#speed[mode] ?? 0
        speed -= (pitch * pitch * swing + (3 + mode) * speed) * STEP_S
        this.#speed[mode] = speed
        this.#swing[mode] = swing + speed * STEP_S
      }
    }
  }

  /** How far below the tight line it is. */
  height(at: number): number {
    let height = this.#sag * 4 * at * (1 - at) + this.#drop * at * at * 1.4
    for (let mode = 0; mode < MODES; mode += 1) height += (this.#swing[mode] ?? 0) * Math.sin((mode + 1) * Math.PI * at)
    return height
  }

  /** Tighter is faster. */
  #pitch(mode: number): number {
    return (mode + 1) * (8 + 44 * (1 - Math.min(1, Math.max(0, this.#sag))))
  }

  get still(): boolean {
    let energy = Math.abs(this.#targetSag - this.#sag) + Math.abs(this.#targetDrop - this.#drop)
    energy += (Math.abs(this.#sagSpeed) + Math.abs(this.#dropSpeed)) / 10
    for (let mode = 0; mode < MODES; mode += 1) energy += Math.abs(this.#swing[mode] ?? 0) + Math.abs(this.#speed[mode] ?? 0) / 50
    return energy < STILL
  }
}
