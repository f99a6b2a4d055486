// The round trip of one message on loopback, against a plain WebSocket with the same frames and the same server. Both take turns in one page,
// because no two pages are equally fast.
import { both, median, quantile, ratio, ROUNDS } from '../measure.mjs'

const WARM = 30
const TURNS = 60

export const pages = ['roundtrip']

export async function measure({ browser, site, row }) {
  const half = { tautline: [], hand: [] }
  const late = { tautline: [], hand: [] }
  for (let round = 0; round < ROUNDS; round++) {
    const page = await browser.page(site.url('roundtrip'))
    await page.bench('open', site.socket('/tautline'))
    await page.bench('run', WARM)
    await page.collect()
    const times = await page.bench('run', TURNS)
    await browser.closePage(page)
    for (const name in half) {
      half[name].push(median(times[name]))
      late[name].push(quantile(times[name], 0.99))
    }
  }
  row('round trip, p50', ratio(half.tautline, half.hand), 'x plain WebSocket', both(half.tautline, 'hand', half.hand, 'µs'))
  row('round trip, p99', ratio(late.tautline, late.hand), 'x plain WebSocket', both(late.tautline, 'hand', late.hand, 'µs'))
}
