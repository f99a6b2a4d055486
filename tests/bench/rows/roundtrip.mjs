// The round trip of one message on loopback, against a plain WebSocket with the same frames and the same server.
import { both, interleave, median, quantile, ratio } from '../measure.mjs'

const WARM = 500
const COUNT = 3_000

export const pages = ['roundtrip']

export async function measure({ browser, site, row }) {
  const late = { tautline: [], hand: [] }
  const half = await interleave(['tautline', 'hand'], async (variant) => {
    const page = await browser.page(site.url('roundtrip'))
    await page.bench('open', variant, site.socket('/tautline'))
    await page.bench('run', WARM)
    await page.collect()
    const times = await page.bench('run', COUNT)
    await browser.closePage(page)
    late[variant].push(quantile(times, 0.99))
    return median(times)
  })
  row('round trip, p50', ratio(half.tautline, half.hand), 'x plain WebSocket', both(half.tautline, 'hand', half.hand, 'µs'))
  row('round trip, p99', ratio(late.tautline, late.hand), 'x plain WebSocket', both(late.tautline, 'hand', late.hand, 'µs'))
}
