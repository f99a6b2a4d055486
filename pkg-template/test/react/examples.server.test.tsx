// @vitest-environment node
import * as react from 'react'
import { type ComponentType, createElement } from 'react'
import * as jsx from 'react/jsx-runtime'
import { renderToString } from 'react-dom/server'
import { afterEach, beforeEach, expect, test } from 'vitest'
import * as hooks from '../../src/react/index.ts'
import { createFakeServer, type FakeServer } from '../../src/testing/index.ts'
import { examplesOf, hookPages, run } from '../examples.ts'

let server: FakeServer
beforeEach(() => {
  server = createFakeServer()
})
afterEach(() => server.close())

test.each(hookPages)('a server renders the component of %s, and connects nothing', async (page) => {
  const [component] = examplesOf(page).flatMap((example) => Object.values(run(example, { react, 'react/jsx-runtime': jsx, 'tautline/react': hooks })))
  const html = renderToString(
    <hooks.TautlineProvider url="ws://127.0.0.1:7700/ws">{createElement(component as ComponentType)}</hooks.TautlineProvider>,
  )
  expect(html).not.toBe('')
  await server.settle()
  expect(server.connections).toEqual([])
})
