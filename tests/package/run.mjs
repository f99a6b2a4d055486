// Puts the packed tarball into the hands of its users: `node tests/package/run.mjs [tarball]`, after `cargo xtask pack`.
// Everything is installed once, into a folder that is gone afterwards.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from './support.mjs'

const HERE = dirname(fileURLToPath(import.meta.url))

function findTarball() {
  if (process.argv[2]) return resolve(process.argv[2])
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
let passed = 0
let failed = 0

try {
  for (const name of ['package.json', 'package-lock.json', '.npmrc', 'consumers', 'checks', 'support.mjs', 'files.txt']) {
    cpSync(join(HERE, name), join(install, name), { recursive: true })
  }
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
  // Not `npm ci`, which wants every platform's optional packages in the lock file, also those a registry may lack.
  await run('npm', ['install', '--no-save', ...quiet, tarball], { cwd: install })
  console.log(`installed in ${seconds(started)}`)

  const folder = join(install, 'node_modules/tautline')
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const context = { tarball, install, folder, manifest, endings, repository: join(HERE, '../..') }
  // From the copies, whose tools are the installed ones.
  const { tarballChecks } = await import(join(install, 'checks/tarball.mjs'))
  const { importChecks } = await import(join(install, 'checks/imports.mjs'))
  const { bundlerChecks } = await import(join(install, 'checks/bundlers.mjs'))
  for (const checks of [tarballChecks, importChecks, bundlerChecks]) {
    for (const [name, check] of Object.entries(checks(context))) {
      const since = performance.now()
      try {
        await check()
        passed += 1
        console.log(`ok      ${name} (${seconds(since)})`)
      } catch (error) {
        failed += 1
        console.log(`FAILED  ${name} (${seconds(since)})\n${error instanceof Error ? error.message : error}`)
      }
    }
  }
} finally {
  for (const end of endings.reverse()) await end()
  rmSync(install, { recursive: true, force: true, maxRetries: 5 })
}
console.log(`${passed} passed, ${failed} failed in ${seconds(started)}`)
process.exitCode = failed > 0 ? 1 : 0
