// How long the first connect() keeps the page: until the core stands, and to its end. The same wasm in plain base64 tells how
// fast the machine is just now, and what packing costs.
import { interleave, median } from '../measure.mjs'

const PAGES = 5

export const pages = ['startup']

export async function measure({ browser, site, row }) {
  const fresh = async (work) => {
    const page = await browser.page(site.url('startup'))
    await page.bench('open')
    const result = await work(page)
    await browser.closePage(page)
    return result
  }
  const core = await fresh(async (page) => {
    await page.bench('connect', true)
    return page.bench('core')
  })
  const millis = async (page, ...call) => (await page.cpu(() => page.bench(...call))).task * 1000
  const ways = {
    stands: (page) => millis(page, 'connect', false),
    whole: (page) => millis(page, 'connect', true),
    plain: async (page) => {
      await page.bench('keep', core)
      return millis(page, 'plain')
    },
  }
  const samples = { stands: [], whole: [], plain: [] }
  for (let index = 0; index < PAGES; index++) {
    const round = await interleave(Object.keys(ways), (way) => fresh(ways[way]))
    for (const way in ways) samples[way].push(...round[way])
  }
  const spread = (times) => ({ value: median(times), least: Math.min(...times), most: Math.max(...times) })
  row('decode, compile, instantiate', spread(samples.stands), 'ms', `of plain base64 ${median(samples.plain).toFixed(2)} ms`)
  row('  and all of the first connect()', spread(samples.whole), 'ms')
}
