// What all checks need: a program run to its end, and what is in the tarball.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** Longest time for one program: a cold Next.js build on a busy machine takes a third of it. */
const LIMIT_MS = 300_000

/** Runs a program to its end; fails with its output unless it ended well. */
export function run(program, args, { cwd, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', CI: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LIMIT_MS,
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output)
      else reject(new Error(`${program} ${args.join(' ')} ended with ${code ?? signal}:\n${output}`))
    })
  })
}

/** A program that an installed package brought. */
export function bin(install, name) {
  return join(install, 'node_modules/.bin', name)
}

/** Every file below a folder, by its path from there, sorted. */
export function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort()
}

export function read(folder, path) {
  return readFileSync(join(folder, path), 'utf8')
}

/** Fails with words instead of a stack. */
export function expect(condition, message) {
  if (!condition) throw new Error(message)
}

/** The specifiers of a package's code entries: `tautline`, `tautline/react` and so on. */
export function entries({ name, exports }) {
  return Object.entries(exports)
    .filter(([path, target]) => typeof target === 'object' && !path.endsWith('.css'))
    .map(([path]) => name + path.slice(1))
}
