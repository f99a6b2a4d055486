/** The demo's build. Out: `dist/`, which the relay serves with `--static www/dist`. */
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

const POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "connect-src 'self' ws: wss:",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

// Only in the build: the development server works with inline scripts of its own.
const contentSecurityPolicy: Plugin = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY }, injectTo: 'head-prepend' },
  ],
}

// In development the relay runs beside: cargo run -p tautline-relay -- --open --demo-faults
const relay = 'http://127.0.0.1:7700'

export default defineConfig({
  plugins: [react(), contentSecurityPolicy],
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { proxy: { '/ws': { target: relay, ws: true }, '/demo': relay } },
})
