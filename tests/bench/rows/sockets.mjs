// Inbound on real sockets, beside the clients that people use today. Script CPU: what the browser itself spends on a frame is alike.
import { both, interleave, proved, ratio } from '../measure.mjs'
import { frames } from '../peers.mjs'

const VARIANTS = ['tautline', 'hand', 'socket.io', 'centrifuge', 'partysocket']
const SIZES = [
  { name: '100 B', size: 100, warm: 5_000, count: 20_000 },
  { name: '1 kB', size: 1_000, warm: 3_000, count: 10_000 },
]

export const pages = ['sockets']

export async function measure({ browser, site, peers, row }) {
  for (const { name, size, warm, count } of SIZES) {
    const micros = await interleave(VARIANTS, async (variant) => {
      const page = await browser.page(site.url('sockets'))
      const path = variant === 'socket.io' ? '' : `/${variant}`
      await page.bench('open', variant, site.socket(path))
      peers.blast(frames(variant, size, 0, warm))
      await page.bench('heard', warm)
      const blob = frames(variant, size, warm, count)
      const { script } = await page.cpu(async () => {
        peers.blast(blob)
        await page.bench('heard', warm + count)
      })
      proved(variant, await page.bench('delivered'), warm + count)
      await browser.closePage(page)
      return (script / count) * 1e6
    })
    for (const peer of VARIANTS.slice(1)) {
      const [ours, theirs] = [micros.tautline, micros[peer]]
      row(`inbound on sockets, ${name}, beside ${peer}`, ratio(ours, theirs), `x ${peer}`, both(ours, peer, theirs, 'µs'))
    }
  }
}
