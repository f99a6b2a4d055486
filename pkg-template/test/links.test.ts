/** Links between the pages of this repository, and to pages from the package's source. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const ELSEWHERE = ['node_modules', 'target', 'dist', 'pkg', 'wasm']

function filesIn(folder: string, ending: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isFile()) return entry.name.endsWith(ending) ? [path] : []
    return entry.isDirectory() && !entry.name.startsWith('.') && !ELSEWHERE.includes(entry.name) ? filesIn(path, ending) : []
  })
}

const withoutCode = (text: string): string => text.replace(/^ *```.*?^ *```$/gms, '')

/** What can stand behind a `#`, as GitHub makes it of headings. */
function anchorsOf(page: string): string[] {
  const headings = withoutCode(readFileSync(page, 'utf8')).matchAll(/^#+ (.*)$/gm)
  return [...headings].map(([, heading = '']) => heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'))
}

describe('the pages', () => {
  it.each(filesIn(root, '.md').map((page) => relative(root, page)))('%s has no link into nowhere', (name) => {
    const page = join(root, name)
    const links = [...withoutCode(readFileSync(page, 'utf8')).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
    const broken = links.filter((link) => {
      if (/^\w+:/.test(link)) return false
      const [path, anchor] = link.split('#')
      const target = path ? join(dirname(page), path) : page
      return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor))
    })
    expect(broken).toEqual([])
  })

  it('that the source names are there', () => {
    const sources = [...filesIn(join(root, 'pkg-template/src'), '.ts'), ...filesIn(join(root, 'src'), '.rs')]
    const named = sources.flatMap((file) => readFileSync(file, 'utf8').match(/\bdocs\/[\w/.-]+\.md/g) ?? [])
    expect(named.filter((page) => !existsSync(join(root, page)))).toEqual([])
  })
})
