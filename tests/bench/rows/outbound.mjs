// Outbound: a send until its frame is in the socket, against writing the same frame by hand, without its promise and with it. The clock is
// the page's, because the acknowledgements in between are not to count, and all take turns in one page, because no two pages are equally
// fast; a median over many short chunks leaves out those that were interrupted.
import { both, median, ratio, ROUNDS } from '../measure.mjs'

const SIZES = [
  { name: '100 B', size: 100 },
  { name: '1 kB', size: 1_000 },
]
const WARM = 1_000
const CHUNKS = 300

export const pages = ['outbound']

export async function measure({ browser, site, row }) {
  for (const { name, size } of SIZES) {
    const calls = { tautline: [], hand: [], stringify: [] }
    const acks = { tautline: [], hand: [] }
    for (let round = 0; round < ROUNDS; round++) {
      const page = await browser.page(site.url('outbound'))
      await page.bench('open', size)
      await page.bench('run', WARM)
      await page.collect()
      const measured = await page.bench('run', CHUNKS)
      await browser.closePage(page)
      for (const sender in calls) calls[sender].push(median(measured.calls[sender]))
      for (const sender in acks) acks[sender].push(median(measured.acks[sender]))
    }
    const { tautline, hand, stringify } = calls
    row(`outbound, ${name}`, ratio(tautline, stringify), 'x stringify, send', both(tautline, 'stringify', stringify, 'µs'))
    row(`  beside the same promise`, ratio(tautline, hand), 'x hand-written', both(tautline, 'hand', hand, 'µs'))
    const answers = both(acks.tautline, 'hand', acks.hand, 'µs')
    row(`  its acknowledgement`, ratio(acks.tautline, acks.hand), 'x hand-written', answers)
  }
}
