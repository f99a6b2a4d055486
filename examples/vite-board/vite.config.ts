/** Out: `dist/`, which a relay serves with `--static`. In development Vite serves the page, and passes `/ws` on to a relay. */
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const relay = process.env['RELAY_URL'] ?? 'http://127.0.0.1:7700'

export default defineConfig({
  plugins: [react()],
  server: { host: '127.0.0.1', proxy: { '/ws': { target: relay, ws: true } } },
})
