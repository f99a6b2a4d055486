// Inbound, without a network: the handler alone.
import { interleave } from '../measure.mjs'

const SIZES = [
  { name: '100 B', size: 100, warm: 10_000, count: 40_000, goal: 1.25 },
  { name: '1 kB', size: 1_000, warm: 5_000, count: 15_000, goal: 1.15 },
  { name: '64 kB', size: 64_000, warm: 100, count: 300, goal: 1.05 },
]

export const pages = ['handler']

export async function measure({ browser, site, row }) {
  for (const { name, size, warm, count, goal } of SIZES) {
    const micros = await interleave(['tautline', 'hand'], async (variant) => {
      const page = await browser.page(site.url('handler'))
      await page.bench('open', variant)
      await page.bench('prepare', size, 0, warm)
      await page.bench('run')
      await page.bench('prepare', size, warm, count)
      const { task } = await page.cpu(() => page.bench('run'))
      await browser.closePage(page)
      return (task / count) * 1e6
    })
    row(`inbound handler, ${name}`, micros.tautline / micros.hand, goal, 'x hand-written', detail(micros))
  }
}

function detail(micros) {
  return Object.entries(micros).map(([name, value]) => `${name} ${value.toFixed(2)}`).join(', ') + ' µs'
}
