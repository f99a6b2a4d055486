// Outbound: a send until its frame is in the socket, against writing the same frame by hand. The clock is the page's, because the
// acknowledgements in between are not to count; a median over many short chunks leaves out those that were interrupted.
import { interleave, median } from '../measure.mjs'

const SIZES = [
  { name: '100 B', size: 100 },
  { name: '1 kB', size: 1_000 },
]
const WARM = 100
const CHUNKS = 200

export const pages = ['outbound']

export async function measure({ browser, site, row }) {
  for (const { name, size } of SIZES) {
    const acks = { tautline: [], hand: [] }
    const micros = await interleave(['tautline', 'hand'], async (variant) => {
      const page = await browser.page(site.url('outbound'))
      await page.bench('open', variant, size)
      await page.bench('run', WARM)
      await page.collect()
      const [calls, answers] = await page.bench('run', CHUNKS)
      await browser.closePage(page)
      acks[variant].push(median(answers))
      return median(calls)
    })
    const detail = (first, second) => `tautline ${first.toFixed(2)}, hand ${second.toFixed(2)} µs`
    row(`outbound, ${name}`, micros.tautline / micros.hand, 1.15, 'x hand-written', detail(micros.tautline, micros.hand))
    const [ours, hand] = [median(acks.tautline), median(acks.hand)]
    row(`  its acknowledgement`, ours / hand, undefined, 'x hand-written', detail(ours, hand))
  }
}
