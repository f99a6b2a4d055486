// Importing does nothing: it is safe in any module, on any server.
import { join } from 'node:path'
import { entries, run } from '../support.mjs'

export function importChecks({ install, manifest }) {
  const specifiers = entries(manifest)
  return Object.fromEntries([
    ...specifiers.map((specifier) => [
      `importing ${specifier} starts nothing`,
      () => run('node', [join(install, 'consumers/node/trapped.mjs'), specifier], { cwd: install }),
    ]),
    [
      'plain Node imports it, makes a client and is not kept alive by it',
      () => run('node', [join(install, 'consumers/node/main.mjs')], { cwd: install }),
    ],
    [
      'plain Node makes a socket with a class of its own and is not kept alive by it',
      () => run('node', [join(install, 'consumers/node/socket.mjs')], { cwd: install }),
    ],
    [
      'require gives it to CommonJS where Node can',
      () => run('node', ['--experimental-require-module', join(install, 'consumers/node/main.cjs')], { cwd: install }),
    ],
  ])
}
