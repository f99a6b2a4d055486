// docs/compatibility.md: the last result of `cargo xtask test --full`.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Keeps the last result where people look for it. */
export function writeCompatibility(repository, results) {
  const today = new Date().toISOString().slice(0, 10)
  const rows = results.map(({ name, passed }) => `| ${name} | ${passed ? 'yes' : '**no**'} |`)
  const text = `# Compatibility

What the packed package was last tried with, beside what \`cargo xtask test\` tries each time: written by \`cargo xtask test --full\` on ${today}.

| | works |
| --- | --- |
${rows.join('\n')}
`
  writeFileSync(join(repository, 'docs/compatibility.md'), text)
}
