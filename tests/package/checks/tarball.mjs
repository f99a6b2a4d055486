// What is in the tarball, and what must not be.
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import ts from 'typescript'
import { bin, expect, filesIn, read, run } from '../support.mjs'

const HERE = dirname(fileURLToPath(import.meta.url))

/** Folders that only machines have. */
const MACHINE = [/\/(root|home|Users|tmp|private|var|opt|mnt|workspace|builds?)\/[\w.-]+\//, /[A-Z]:\\Users\\/, /\.cargo[/\\]registry/, /\.rustup/, /node_modules\/\.pnpm/]

export function tarballChecks({ tarball, install, folder, manifest, repository }) {
  const all = filesIn(folder)
  const scripts = all.filter((path) => path.endsWith('.js'))
  return {
    'the tarball holds these files and no other': () => {
      const wanted = read(HERE, '../files.txt').trim().split('\n')
      const extra = all.filter((path) => !wanted.includes(path))
      const missing = wanted.filter((path) => !all.includes(path))
      expect(extra.length + missing.length === 0, `not in files.txt: ${extra.join(' ')}; missing: ${missing.join(' ')}`)
    },
    'no file, and no wasm packed in one, names a folder of the machine it was built on': async () => {
      const cores = await run('node', [join(install, 'consumers/node/cores.mjs')], { cwd: install })
      expect(/^4 cores$/m.test(cores), 'expected the four cores, to look at what they name')
      for (const [path, text] of [['a core', cores], ...all.map((path) => [path, read(folder, path)])]) {
        for (const place of [homedir(), repository, process.env.CARGO_TARGET_DIR].filter((place) => place?.length > 1)) {
          expect(!text.includes(place), `${path} names ${place}`)
        }
        // Addresses have such paths too.
        const found = MACHINE.map((pattern) => pattern.exec(text.replace(/https?:\/\/\S+/g, ''))?.[0]).find(Boolean)
        expect(!found, `${path} names ${found}`)
      }
    },
    'the manifest has nothing that only developers need': () => {
      for (const key of ['private', 'scripts', 'devDependencies', 'publishConfig', 'bundledDependencies']) {
        expect(!(key in manifest), `package.json has ${key}`)
      }
      expect(Object.keys(manifest.dependencies).join() === 'jose', 'package.json depends on something else than jose')
      expect(`${manifest.sideEffects}` === './dist/ui.css', 'package.json does not say that only the stylesheet has sideEffects')
    },
    'the lock file of the example that is copied knows the package, and what it depends on': () => {
      const example = join(repository, 'examples/next-chat')
      const [wanted, { packages }] = ['package.json', 'package-lock.json'].map((path) => JSON.parse(read(example, path)))
      expect(isDeepStrictEqual(packages[''].dependencies, wanted.dependencies), 'package-lock.json was not made of this package.json')
      const locked = packages['node_modules/tautline'] ?? {}
      for (const key of ['version', 'dependencies', 'peerDependencies', 'peerDependenciesMeta']) {
        expect(isDeepStrictEqual(locked[key], manifest[key]), `package-lock.json has other ${key} of tautline: ${JSON.stringify(locked[key])}`)
      }
      for (const name of Object.keys(manifest.dependencies)) expect(packages[`node_modules/${name}`]?.integrity, `package-lock.json has no ${name}`)
    },
    'no module needs import.meta or waits at its top level': () => {
      for (const path of scripts) {
        const found = walk(path, read(folder, path), (node, depth) =>
          ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword
            ? 'import.meta'
            : depth === 0 && (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier))
              ? 'a top-level await'
              : undefined,
        )
        expect(!found, `${path} has ${found}`)
      }
    },
    "what is for React's client side says so in its first line, and nothing else does": () => {
      for (const path of scripts) {
        const marked = /^\s*(['"])use client\1/.test(read(folder, path))
        const wanted = Object.entries(manifest.exports).some(([entry, { default: file } = {}]) => /react/.test(entry) && file === `./${path}`)
        if (wanted) expect(marked, `${path} does not begin with 'use client'`)
        else expect(!marked || /react/.test(path), `${path} begins with 'use client'`)
      }
    },
    'no public type is any': () => {
      for (const path of all.filter((name) => name.endsWith('.d.ts'))) {
        const found = walk(path, read(folder, path), (node) =>
          node.kind === ts.SyntaxKind.AnyKeyword ? node.parent.getText() : undefined,
        )
        expect(!found, `${path} has any in: ${found}`)
      }
    },
    'publint has no complaint': () => run(bin(install, 'publint'), ['--strict', '--pack', 'false', folder]),
    'attw has no complaint': () => run(bin(install, 'attw'), [tarball, '--profile', 'esm-only', '--no-color']),
  }
}

/** The first thing that `look` finds; `depth` counts the functions around a node. */
function walk(path, text, look) {
  const visit = (node, depth) => {
    const found = look(node, depth)
    if (found) return found
    const inside = depth + (ts.isFunctionLike(node) ? 1 : 0)
    return ts.forEachChild(node, (child) => visit(child, inside))
  }
  return visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true), 0)
}
