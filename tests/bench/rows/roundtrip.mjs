// The round trip of one message on loopback, against a plain WebSocket with the same frames and the same server.
import { interleave, median, quantile } from '../measure.mjs'

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
  const detail = (first, second) => `tautline ${first.toFixed(0)}, hand ${second.toFixed(0)} µs`
  row('round trip, p50', half.tautline / half.hand, 1.05, 'x plain WebSocket', detail(half.tautline, half.hand))
  const [ours, hand] = [median(late.tautline), median(late.hand)]
  row('round trip, p99', ours / hand, 1.2, 'x plain WebSocket', detail(ours, hand))
}
