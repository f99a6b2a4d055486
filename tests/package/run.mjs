// Puts the packed tarball into the hands of its users: `node tests/package/run.mjs [tarball] [--full]`, after `cargo xtask pack`.
// With `--full` those that take longer to install have their turn instead: older versions, other bundlers, other runtimes.
// Everything is installed once, into a folder that is gone afterwards.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeCompatibility } from './compatibility-page.mjs'
import { run } from './support.mjs'

const HERE = dirname(fileURLToPath(import.meta.url))
const FULL = process.argv.includes('--full')

function findTarball() {
  const given = process.argv.slice(2).find((argument) => !argument.startsWith('--'))
  if (given) return resolve(given)
  const folder = join(HERE, '../../pkg')
  const found = readdirSync(folder).filter((name) => /^tautline-.*\.tgz$/.test(name))
  if (found.length !== 1) throw new Error(`expected one tarball in pkg/, found ${found.length}: run \`cargo xtask pack\``)
  return join(folder, found[0])
}

const started = performance.now()
const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`
const tarball = findTarball()
const install = mkdtempSync(join(tmpdir(), 'tautline-consumers-'))
const endings = []
const repository = join(HERE, '../..')
const results = []

try {
  for (const name of ['package.json', 'package-lock.json', '.npmrc', 'consumers', 'checks', 'support.mjs', 'page.mjs', 'files.txt']) {
    cpSync(join(HERE, name), join(install, name), { recursive: true })
  }
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
  // Not `npm ci`, which wants every platform's optional packages in the lock file, also those a registry may lack.
  const others = FULL ? Object.entries(JSON.parse(readFileSync(join(HERE, 'full.json'), 'utf8'))) : []
  const packages = [tarball, ...others.map(([name, version]) => `${name}@${version}`)]
  await run('npm', ['install', '--no-save', ...quiet, ...packages], { cwd: install })
  console.log(`installed in ${seconds(started)}`)

  const folder = join(install, 'node_modules/tautline')
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  // From the copies, whose tools are the installed ones.
  const load = async (name, checks) => (await import(join(install, name)))[checks]
  const talker = await load('page.mjs', 'talker')
  const talk = talker({ repository, endings })
  const context = { tarball, install, folder, manifest, endings, repository, talk }
  const suites = FULL
    ? [await load('checks/compatibility.mjs', 'compatibilityChecks')]
    : [
        await load('checks/tarball.mjs', 'tarballChecks'),
        await load('checks/imports.mjs', 'importChecks'),
        await load('checks/bundlers.mjs', 'bundlerChecks'),
      ]
  for (const checks of suites) {
    for (const [name, check] of Object.entries(checks(context))) {
      const since = performance.now()
      try {
        await check()
        results.push({ name, passed: true })
        console.log(`ok      ${name} (${seconds(since)})`)
      } catch (error) {
        results.push({ name, passed: false })
        console.log(`FAILED  ${name} (${seconds(since)})\n${error instanceof Error ? error.message : error}`)
      }
    }
  }
} finally {
  for (const end of endings.reverse()) await end()
  rmSync(install, { recursive: true, force: true, maxRetries: 5 })
}
if (FULL) writeCompatibility(repository, results)
const failed = results.filter(({ passed }) => !passed).length
console.log(`${results.length - failed} passed, ${failed} failed in ${seconds(started)}`)
process.exitCode = failed > 0 ? 1 : 0
