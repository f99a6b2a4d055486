/** Whether the user is there, as far as a page can know. */

const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'visibilitychange']

/** Tells when there was no key, no pointer and no look for so long, and when there is one again. */
export function watchIdle(afterMs: number, tell: (idle: boolean) => void): () => void {
  let timer: ReturnType<typeof setTimeout>
  const active = (): void => {
    clearTimeout(timer)
    timer = setTimeout(tell, afterMs, true)
    tell(false)
  }
  active()
  for (const sign of SIGNS) document.addEventListener(sign, active, { passive: true })
  return () => {
    clearTimeout(timer)
    tell(false)
    for (const sign of SIGNS) document.removeEventListener(sign, active)
  }
}
