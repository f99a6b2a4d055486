import { fileURLToPath } from 'node:url'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const react = { include: ['test/react/**/*.test.tsx'], setupFiles: ['test/setup.ts', 'test/react/setup.ts'], environment: 'jsdom' }

const config: ViteUserConfig = defineConfig({
  test: {
    projects: [
      { test: { name: 'core', include: ['test/**/*.test.ts'], setupFiles: ['test/setup.ts'] } },
      { define: { REACT: '"19"' }, test: { ...react, name: 'react 19' } },
      {
        // The oldest React that package.json allows, in a folder of its own, so that all of it finds itself.
        resolve: {
          alias: [
            { find: /^(react|react-dom)(?=\/|$)/, replacement: folder('../tests/react18/node_modules/$1') },
            // Its other build requires a React, and no alias reaches that.
            { find: '@testing-library/react', replacement: folder('../node_modules/@testing-library/react/dist/@testing-library/react.esm.js') },
          ],
        },
        define: { REACT: '"18"' },
        // `<Activity>` came later.
        test: { ...react, include: ['test/react/**/!(activity).test.tsx'], name: 'react 18', server: { deps: { inline: [/@testing-library\/react/] } } },
      },
    ],
  },
})
export default config
