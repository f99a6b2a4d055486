import { defineConfig, type UserConfig } from 'tsdown'

const config: UserConfig = defineConfig({
  entry: {
    index: 'src/index.ts',
    compat: 'src/compat/index.ts',
    discord: 'src/discord/index.ts',
    env: 'src/env/index.ts',
    json: 'src/json/index.ts',
    react: 'src/react/index.ts',
    schema: 'src/schema/index.ts',
    'react-websocket': 'src/react/websocket/index.ts',
    server: 'src/server/index.ts',
    testing: 'src/testing/index.ts',
    ui: 'src/react/ui/index.ts',
    websocket: 'src/websocket/index.ts',
  },
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  outExtensions: () => ({ js: '.js', dts: '.d.ts' }),
  dts: true,
  sourcemap: true,
  minify: true,
  clean: true,
  copy: ['src/react/ui/ui.css', 'src/react/ui/ui.css.d.ts'],
  // What several entries share has a name of its own, not a hash: tests/package/files.txt lists it.
  outputOptions: {
    chunkFileNames: ({ moduleIds }) => (moduleIds.some((id) => id.endsWith('/react/store.ts')) ? 'hooks.js' : '[name].js'),
  },
  // `Symbol.dispose` is in the types of the client, and not in the default library of older targets.
  banner: { dts: '/// <reference lib="esnext.disposable" />' },
})
export default config
