// Outbound: a send until its frame is in the socket, against writing the same frame by hand, with and without its promise. The clock is the page's, because the
// acknowledgements in between are not to count; a median over many short chunks leaves out those that were interrupted.
import { both, interleave, median, ratio } from '../measure.mjs'

const SIZES = [
  { name: '100 B', size: 100 },
  { name: '1 kB', size: 1_000 },
]
const WARM = 1_000
const CHUNKS = 200

export const pages = ['outbound']

export async function measure({ browser, site, row }) {
  for (const { name, size } of SIZES) {
    const written = []
    const acks = { tautline: [], hand: [], stringify: [] }
    const micros = await interleave(['tautline', 'hand', 'stringify'], async (variant) => {
      const page = await browser.page(site.url('outbound'))
      await page.bench('open', variant, size)
      await page.bench('run', WARM)
      await page.collect()
      const [calls, answers] = await page.bench('run', CHUNKS)
      written.push(await page.bench('letters'))
      await browser.closePage(page)
      acks[variant].push(median(answers))
      return median(calls)
    })
    if (new Set(written).size !== 1) throw new Error(`expected the same frames of both, came ${written} letters`)
    const { tautline, hand, stringify } = micros
    row(`outbound, ${name}`, ratio(tautline, hand), 'x hand-written', both(tautline, 'hand', hand, 'µs'))
    row(`  and without its promise`, ratio(tautline, stringify), 'x stringify, send', both(tautline, 'stringify', stringify, 'µs'))
    const answers = both(acks.tautline, 'hand', acks.hand, 'µs')
    row(`  its acknowledgement`, ratio(acks.tautline, acks.hand), 'x hand-written', answers)
  }
}
