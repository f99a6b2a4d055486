import { expect, it } from 'vitest'
import { examplesOf, hookPages, problemsOf, textOf } from './examples.ts'

const pages: Record<string, readonly string[]> = {
  'README.md': ['ts', 'tsx'],
  'docs/discord.md': ['ts', 'ts', 'ts'],
  'docs/env.md': ['ts', 'ts', 'ts', 'ts'],
  'docs/getting-started/next.md': ['ts', 'tsx', 'tsx', 'ts'],
  'docs/getting-started/vite.md': ['tsx', 'tsx'],
  'docs/json.md': ['ts', 'ts', 'ts', 'ts'],
  'docs/migration/hand-written.md': ['ts', 'tsx'],
  'docs/migration/partysocket.md': ['ts', 'tsx'],
  'docs/migration/react-use-websocket.md': ['tsx'],
  'docs/migration/socket.io-client-and-context.md': ['tsx'],
  'docs/react/README.md': ['tsx', 'tsx', 'ts', 'ts'],
  ...Object.fromEntries(hookPages.map((page) => [page, ['tsx']])),
  'docs/react/ui.md': ['tsx', 'tsx', 'tsx', 'tsx', 'tsx', 'tsx', 'tsx', 'tsx', 'tsx'],
  'docs/react/websocket.md': ['tsx'],
  'docs/server.md': ['ts', 'ts', 'ts'],
  'docs/websocket.md': ['ts', 'ts', 'ts', 'ts', 'ts'],
  'examples/servers/README.md': ['ts'],
}
const examples = Object.keys(pages).flatMap(examplesOf)

it.each(Object.entries(pages))('finds the examples of %s', (page, kinds) => {
  expect(examplesOf(page).map(({ kind }) => kind)).toEqual(kinds)
})

it.each(examples)('compiles the $kind example of $page', (example) => {
  expect(problemsOf(example)).toEqual([])
}, 60_000)

it('shows the ten lines of the acknowledging example server', () => {
  const block = /^```js\n(.*?)^```$/ms.exec(textOf('docs/json.md'))?.[1] ?? ''
  const lines = block.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('//'))
  expect(lines).toHaveLength(9)
  const server = textOf('examples/servers/channels-with-ack.mjs').split('\n').map((line) => line.trim())
  expect(lines.filter((line) => !server.includes(line))).toEqual([])
})

it.each(['vitest/outbox.test.ts', 'vitest/chat.tsx', 'vitest/chat.test.tsx', 'jest/jest.config.json', 'jest/jest.setup.js', 'jest/refusal.test.js', 'node/clock.test.mjs'])(
  'docs/testing.md shows %s as it is run',
  (path) => {
    expect(textOf('docs/testing.md')).toContain(`\n${textOf(`tests/package/consumers/${path}`)}\`\`\`\n`)
  },
)
