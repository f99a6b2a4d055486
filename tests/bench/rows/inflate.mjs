// Streams of a gateway, decompressed message by message in one page: ours beside pako, fzstd and the browser's own.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { interleave } from '../measure.mjs'

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
    const goals = size === 'small'
    row(`zlib, ${size} messages`, cost.zlib, undefined, 'µs each')
    row('  of pako', cost.zlib / cost.pako, goals ? 0.45 : undefined, 'of its CPU', `${cost.pako.toFixed(1)} µs`)
    row('  of DecompressionStream', cost.zlib / cost.browser, goals ? 0.55 : undefined, 'of its CPU', `${cost.browser.toFixed(1)} µs`)
    row(`zstd, ${size} messages`, cost.zstd, undefined, 'µs each')
    row('  of fzstd', cost.zstd / cost.fzstd, goals ? 0.2 : undefined, 'of its CPU', `${cost.fzstd.toFixed(1)} µs`)
  }
  await browser.closePage(page)
  for (const [decoder, most] of [['zlib', 8], ['zstd', 14]]) {
    const wasm = readFileSync(join(ROOT, `pkg-template/src/wasm/inflate/${decoder}.wasm`))
    const chunk = readFileSync(join(ROOT, `pkg-template/src/wasm/inflate/${decoder}.ts`))
    const gzip = (bytes) => gzipSync(bytes, { level: 9 }).length / 1000
    row(`${decoder} decoder`, gzip(wasm), most, 'kB of gzip', `${gzip(chunk).toFixed(2)} kB packed in its chunk`)
  }
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
