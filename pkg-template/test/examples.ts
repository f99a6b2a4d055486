/** The examples of the documentation: found, and compiled as files of an application that uses the package. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import ts from 'typescript'

export interface Example {
  readonly page: string
  readonly kind: string
  readonly code: string
  /** Where the page says to save it: others of the page import it from there. */
  readonly path: string | undefined
}

const here = `${import.meta.dirname}/`

/** The pages that are about one hook each. */
export const hookPages: readonly string[] = readdirSync(`${here}../../docs/react`)
  .filter((name) => name.startsWith('use'))
  .map((name) => `docs/react/${name}`)

export function textOf(page: string): string {
  return readFileSync(`${here}../../${page}`, 'utf8')
}

/** In the order of the page. One inside a list is indented. */
export function examplesOf(page: string): readonly Example[] {
  const found = textOf(page).matchAll(/(?:^`([^`]+)`:\n\n)?^ *```(tsx?)\n(.*?)^ *```$/gms)
  return [...found].map(([, path, kind = '', code = '']) => ({ page, kind, code, path }))
}

const source = (path: string): string[] => [`${here}../src/${path}`]

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  verbatimModuleSyntax: true,
  noEmit: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  allowImportingTsExtensions: true,
  jsx: ts.JsxEmit.ReactJSX,
  lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.esnext.disposable.d.ts'],
  paths: {
    tautline: source('index.ts'),
    'tautline/discord': source('discord/index.ts'),
    'tautline/env': source('env/index.ts'),
    'tautline/json': source('json/index.ts'),
    'tautline/compat': source('compat/index.ts'),
    'tautline/react/ui': source('react/ui/index.ts'),
    'tautline/react/ui.css': source('react/ui/ui.css.d.ts'),
    'tautline/react': source('react/index.ts'),
    'tautline/react/websocket': source('react/websocket/index.ts'),
    'tautline/schema': source('schema/index.ts'),
    'tautline/server': source('server/index.ts'),
    'tautline/websocket': source('websocket/index.ts'),
  },
}

/** All but the example itself is read once. */
const parsed = new Map<string, ts.SourceFile | undefined>()

/** What the compiler has to say about an example. */
export function problemsOf(example: Example): readonly string[] {
  const { page, kind } = example
  const place = ({ path }: Example): string => `${here}${path ? basename(path) : `readme-example.${kind}`}`
  const file = place(example)
  const files = new Map(examplesOf(page).flatMap((other) => (other.path ? [[place(other), other.code]] : [])))
  files.set(file, example.code)
  const host = ts.createCompilerHost(OPTIONS)
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = (name) => files.has(name) || fileExists(name)
  host.readFile = (name) => files.get(name) ?? readFile(name)
  host.getSourceFile = (name, version, ...rest) => {
    const code = files.get(name)
    if (code !== undefined) return ts.createSourceFile(name, code, version)
    if (!parsed.has(name)) parsed.set(name, getSourceFile(name, version, ...rest))
    return parsed.get(name)
  }
  const types = example.code.includes('process.env') ? ['node'] : []
  // Components are whole files, in a project as Vite makes it.
  const whole = kind === 'tsx'
  const program = ts.createProgram([file], { ...OPTIONS, types, noUnusedLocals: whole, noUnusedParameters: whole }, host)
  return ts
    .getPreEmitDiagnostics(program, program.getSourceFile(file))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}

/** Runs an example as a file of an application, and gives what it exports. It imports nothing but these modules. */
export function run({ code }: Example, modules: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const compilerOptions = { ...OPTIONS, module: ts.ModuleKind.CommonJS }
  const { outputText } = ts.transpileModule(code, { compilerOptions })
  const exports = {}
  const require = (name: string): unknown => {
    if (name in modules) return modules[name]
    throw new Error(`The example imports ${name}, which the test does not know.`)
  }
  new Function('exports', 'require', outputText)(exports, require)
  return exports
}
