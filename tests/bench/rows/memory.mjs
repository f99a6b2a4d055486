// What a client keeps: wasm memory from the start, and what is left behind by many messages (BENCH_MESSAGES).

const MESSAGES = Number(process.env.BENCH_MESSAGES) || 1_000_000
const BATCH = 10_000

export const pages = ['memory']

export async function measure({ browser, site, row }) {
  const page = await browser.page(site.url('memory'))
  await page.bench('open')
  const wasm = await page.bench('wasm')
  let sent = 0
  const send = async (count) => {
    for (const end = sent + count; sent < end; sent += BATCH) await page.bench('run', sent, BATCH)
  }
  // What the compiler keeps of hot code is no leak.
  await send(2 * BATCH)
  const before = await page.heap()
  await send(MESSAGES)
  const after = await page.heap()
  const later = await page.bench('wasm')
  const heard = await page.bench('run', sent, 0)
  await browser.closePage(page)
  if (heard !== sent) throw new Error(`${heard} of ${sent} messages came`)
  row('wasm memory at first', wasm / 1024, 'KiB')
  row(`wasm memory after ${MESSAGES} messages`, later / 1024, 'KiB')
  row('heap left by many messages', (after - before) / 1000, 'kB', `${MESSAGES} messages`)
}
