// Inbound, without a network: the handler alone.
import { both, interleave, proved, ratio } from '../measure.mjs'

const SIZES = [
  { name: '100 B', size: 100, warm: 10_000, count: 40_000 },
  { name: '1 kB', size: 1_000, warm: 5_000, count: 15_000 },
  { name: '64 kB', size: 64_000, warm: 200, count: 600 },
]

export const pages = ['handler']

export async function measure({ browser, site, row }) {
  for (const { name, size, warm, count } of SIZES) {
    const micros = await interleave(['tautline', 'hand'], async (variant) => {
      const page = await browser.page(site.url('handler'))
      await page.bench('open', variant)
      await page.bench('prepare', size, 0, warm)
      await page.bench('run')
      await page.bench('prepare', size, warm, count)
      const { task } = await page.cpu(() => page.bench('run'))
      proved(variant, await page.bench('delivered'), warm + count)
      await browser.closePage(page)
      return (task / count) * 1e6
    })
    const { tautline, hand } = micros
    row(`inbound handler, ${name}`, ratio(tautline, hand), 'x hand-written', both(tautline, 'hand', hand, 'µs'))
  }
}
