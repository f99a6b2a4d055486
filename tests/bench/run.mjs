// Ratios side by side in one run: `cargo xtask bench`. Nothing here fails a build: timings of a shared machine are not fit for that.
import { Browser } from './devtools.mjs'
import { ROUNDS } from './measure.mjs'
import { Peers } from './peers.mjs'
import { serve } from './site.mjs'

const ROWS = ['handler', 'sockets', 'outbound', 'roundtrip', 'startup', 'memory', 'fanout']

const only = process.argv.slice(2)
const unknown = only.find((name) => !ROWS.includes(name))
if (unknown) throw new Error(`expected rows out of ${ROWS.join(', ')}, got ${unknown}`)
if (!process.env.CHROME_PATH) throw new Error('expected CHROME_PATH to name the browser: run `cargo xtask bench`')

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

const chosen = ROWS.filter((name) => only.length === 0 || only.includes(name))
const modules = await Promise.all(chosen.map((name) => import(`./rows/${name}.mjs`)))
const site = await serve([...new Set(modules.flatMap(({ pages }) => pages))])
const peers = new Peers(site.server)
const browser = await Browser.launch(process.env.CHROME_PATH)
console.log(`medians of ${ROUNDS} rounds; CPU is that of the page's main thread\n`)
console.log(line('', 'value', 'goal', '', '', ''))
try {
  for (const { measure } of modules) await measure({ browser, site, peers, row })
} finally {
  await browser.close()
  site.close()
}

/** Prints one row. `most`: whether the goal is the most that is allowed, or the least. */
function row(name, value, goal, unit, detail = '', most = true) {
  const good = goal === undefined ? '' : (most ? value <= goal : value >= goal) ? 'ok' : most ? 'over' : 'under'
  const sign = goal === undefined ? '' : `${most ? '≤' : '≥'} ${goal}`
  console.log(line(name, value.toFixed(Math.abs(value) < 100 ? 2 : 0), sign, unit, good, detail))
}

function line(name, value, goal, unit, good, detail) {
  return `${name.padEnd(42)}${value.padStart(9)}  ${goal.padEnd(8)}${unit.padEnd(22)}${good.padEnd(7)}${detail}`.trimEnd()
}
