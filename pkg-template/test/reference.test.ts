import { describe, expect, it } from 'vitest'
import manifest from '../package.json' with { type: 'json' }
import reference from '../typedoc.json' with { type: 'json' }

describe('the API reference', () => {
  it('has every entry of the package', () => {
    const entries = Object.entries(manifest.exports).flatMap(([path, target]) => {
      const code = typeof target === 'object' && target.default.endsWith('.js')
      return code ? [path.replace(/^\.\/?/, '')] : []
    })
    const sources = reference.entryPoints.map((path) => path.replace(/^src\/|\/?index\.ts$/g, ''))
    expect(sources.sort()).toEqual(entries.sort())
  })
})
