// Streams of a gateway, decompressed message by message in one page: ours beside pako, fzstd and the browser's own.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { both, interleave, ratio } from '../measure.mjs'

export const pages = ['inflate']

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** The first messages are as large as a gateway's first ones are; the others are small. */
const LARGE = 20

/** What each variant reads. */
const VARIANTS = { zlib: 'zlib', pako: 'zlib', browser: 'zlib', zstd: 'zstd', fzstd: 'zstd' }

export async function measure({ browser, site, row }) {
  const page = await browser.page(site.url('inflate'))
  for (const [name, stream] of Object.entries(streams())) await page.bench('take', name, stream)
  for (const [size, from, to] of [['small', LARGE, undefined], ['large', 0, LARGE]]) {
    const count = await page.bench('count', from, to)
    const cost = await interleave(Object.keys(VARIANTS), async (variant) => {
      await page.bench('open', variant, VARIANTS[variant], from)
      const { task } = await page.cpu(() => page.bench('run', from, to))
      return (task * 1e6) / count
    })
    for (const [stream, peer, name] of [['zlib', 'pako', 'pako'], ['zlib', 'browser', 'DecompressionStream'], ['zstd', 'fzstd', 'fzstd']]) {
      row(`${stream}, ${size} messages, beside ${name}`, ratio(cost[stream], cost[peer]), `x ${peer}`, both(cost[stream], name, cost[peer], 'µs each'))
    }
  }
  await browser.closePage(page)
}

/** Made by the real encoders, which Node has not all of. */
function streams() {
  const folder = mkdtempSync(join(tmpdir(), 'tautline-streams-'))
  try {
    const run = ['run', '--quiet', '--release', '--package', 'tautline-inflate', '--example', 'streams', '--', folder]
    execFileSync('cargo', run, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] })
    return Object.fromEntries(['plain', 'zlib', 'zstd'].map((name) => [name, readFileSync(join(folder, `${name}.bin`)).toString('base64')]))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
