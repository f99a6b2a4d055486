import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, it } from 'vitest'

const here = fileURLToPath(new URL('.', import.meta.url))
const pages = {
  'README.md': ['ts', 'tsx'],
  'docs/discord.md': ['ts', 'ts', 'ts'],
  'docs/env.md': ['ts', 'ts', 'ts', 'ts'],
  'docs/json.md': ['ts', 'ts', 'ts', 'ts'],
  'docs/migration/hand-written.md': ['ts', 'tsx'],
  'docs/migration/partysocket.md': ['ts', 'tsx'],
  'docs/migration/react-use-websocket.md': ['tsx'],
  'docs/migration/socket.io-client-and-context.md': ['tsx'],
  'docs/react/ui.md': ['tsx', 'tsx', 'tsx', 'tsx', 'tsx', 'tsx', 'tsx', 'tsx', 'tsx'],
  'docs/react/websocket.md': ['tsx'],
  'docs/react/README.md': ['tsx', 'tsx', 'tsx', 'tsx', 'tsx', 'tsx', 'tsx', 'tsx', 'tsx', 'tsx', 'tsx', 'tsx', 'tsx', 'tsx', 'tsx', 'tsx', 'ts', 'ts'],
  'docs/server.md': ['ts', 'ts', 'ts'],
  'docs/websocket.md': ['ts', 'ts', 'ts', 'ts', 'ts'],
  'examples/servers/README.md': ['ts'],
}
const examples = Object.keys(pages).flatMap((page) => {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8')
  // An example inside a list is indented.
  return [...text.matchAll(/^ *```(tsx?)\n(.*?)^ *```$/gms)].map(([, kind, code]) => ({ page, kind, code: code ?? '' }))
})

it.each(Object.entries(pages))('finds the examples of %s', (page, kinds) => {
  expect(examples.filter((example) => example.page === page).map(({ kind }) => kind)).toEqual(kinds)
})

it.each(examples)('compiles the $kind example of $page', ({ kind, code }) => {
  const file = `${here}readme-example.${kind}`
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    jsx: ts.JsxEmit.ReactJSX,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.esnext.disposable.d.ts'],
    types: [],
    paths: {
      tautline: [`${here}../src/index.ts`],
      'tautline/discord': [`${here}../src/discord/index.ts`],
      'tautline/env': [`${here}../src/env/index.ts`],
      'tautline/json': [`${here}../src/json/index.ts`],
      'tautline/compat': [`${here}../src/compat/index.ts`],
      'tautline/react/ui': [`${here}../src/react/ui/index.ts`],
      'tautline/react/ui.css': [`${here}../src/react/ui/ui.css.d.ts`],
      'tautline/react': [`${here}../src/react/index.ts`],
      'tautline/react/websocket': [`${here}../src/react/websocket/index.ts`],
      'tautline/schema': [`${here}../src/schema/index.ts`],
      'tautline/server': [`${here}../src/server/index.ts`],
      'tautline/websocket': [`${here}../src/websocket/index.ts`],
    },
  }
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = (name) => name === file || fileExists(name)
  host.readFile = (name) => (name === file ? code : readFile(name))
  host.getSourceFile = (name, version, ...rest) =>
    name === file ? ts.createSourceFile(name, code, version) : getSourceFile(name, version, ...rest)
  const problems = ts.getPreEmitDiagnostics(ts.createProgram([file], options, host))
  expect(problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([])
}, 60_000)

it('shows the ten lines of the acknowledging example server', () => {
  const text = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
  const block = /^```js\n(.*?)^```$/ms.exec(text('docs/json.md'))?.[1] ?? ''
  const lines = block.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('//'))
  expect(lines).toHaveLength(9)
  const server = text('examples/servers/channels-with-ack.mjs').split('\n').map((line) => line.trim())
  expect(lines.filter((line) => !server.includes(line))).toEqual([])
})

it.each(['vitest/outbox.test.ts', 'vitest/chat.tsx', 'vitest/chat.test.tsx', 'jest/jest.config.json', 'jest/jest.setup.js', 'jest/refusal.test.js', 'node/clock.test.mjs'])(
  'docs/testing.md shows %s as it is run',
  (path) => {
    const page = readFileSync(new URL('../../docs/testing.md', import.meta.url), 'utf8')
    const file = readFileSync(new URL(`../../tests/package/consumers/${path}`, import.meta.url), 'utf8')
    expect(page).toContain(`\n${file}\`\`\`\n`)
  },
)
