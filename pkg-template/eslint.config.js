// What TypeScript cannot see: the rules of hooks, with those of the React Compiler.
import reactHooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

export default [
  { files: ['src/react/**/*.ts', 'src/react/**/*.tsx', 'test/react/**/*.tsx'], languageOptions: { parser: tseslint.parser } },
  { files: ['src/react/**/*.ts', 'src/react/**/*.tsx'], ...reactHooks.configs.flat['recommended-latest'] },
]
