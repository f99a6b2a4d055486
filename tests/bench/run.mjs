// Ratios side by side in one run: `cargo xtask bench`. Nothing here fails a build: timings of a shared machine are not fit for that.
import { readFileSync } from 'node:fs'
import { Browser } from './devtools.mjs'
import { ROUNDS } from './measure.mjs'
import { Peers } from './peers.mjs'
import { serve } from './site.mjs'

const ROWS = ['handler', 'sockets', 'outbound', 'roundtrip', 'startup', 'memory', 'inflate', 'fanout']

const only = process.argv.slice(2)
const unknown = only.find((name) => !ROWS.includes(name))
if (unknown) throw new Error(`expected rows out of ${ROWS.join(', ')}, got ${unknown}`)
if (!process.env.CHROME_PATH) throw new Error('expected CHROME_PATH to name the browser: run `cargo xtask bench`')

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

const budgets = JSON.parse(readFileSync(new URL('budgets.json', import.meta.url), 'utf8'))
const chosen = ROWS.filter((name) => only.length === 0 || only.includes(name))
const modules = await Promise.all(chosen.map((name) => import(`./rows/${name}.mjs`)))
const site = await serve([...new Set(modules.flatMap(({ pages }) => pages))])
const peers = new Peers(site.server)
const browser = await Browser.launch(process.env.CHROME_PATH)
console.log(`medians of ${ROUNDS} rounds; CPU is that of the page's main thread\n`)
console.log(line('', 'value', 'spread', 'budget', '', '', ''))
try {
  for (const { measure } of modules) await measure({ browser, site, peers, row })
} finally {
  await browser.close()
  site.close()
}

/**
 * Prints one row beside its budget (budgets.json), if it has one. `value`: a number, or a ratio with the spread of its rounds.
 * `most`: whether the budget is the most that is allowed, or the least.
 */
function row(name, value, unit, detail = '', most = true) {
  const { value: number, least, most: largest } = typeof value === 'number' ? { value } : value
  const budget = budgets[name]
  const good = budget === undefined ? '' : (most ? number <= budget : number >= budget) ? 'ok' : most ? 'over' : 'under'
  const sign = budget === undefined ? '' : `${most ? '≤' : '≥'} ${budget}`
  const spread = least === undefined ? '' : `${least.toFixed(2)}–${largest.toFixed(2)}`
  console.log(line(name, number.toFixed(Math.abs(number) < 100 ? 2 : 0), spread, sign, unit, good, detail))
}

function line(name, value, spread, budget, unit, good, detail) {
  const start = `${name.padEnd(50)}${value.padStart(8)}  ${spread.padEnd(11)}${budget.padEnd(8)}`
  return `${start}${unit.padEnd(20)}${good.padEnd(7)}${detail}`.trimEnd()
}
