// How long the first connect() keeps the page: decode, compile, instantiate.
import { median, ROUNDS } from '../measure.mjs'

const PAGES = 5

export const pages = ['startup']

export async function measure({ browser, site, row }) {
  const times = []
  for (let index = 0; index < PAGES * ROUNDS; index++) {
    const page = await browser.page(site.url('startup'))
    times.push(await page.bench('run'))
    await browser.closePage(page)
  }
  row('first connect()', { value: median(times), least: Math.min(...times), most: Math.max(...times) }, 'ms')
}
