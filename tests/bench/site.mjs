// Bundles the pages and serves them on loopback.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const HERE = new URL('.', import.meta.url)
const PACKAGE = fileURLToPath(new URL('../../pkg-template/dist/index.js', HERE))

/** Names of `pages/*.js`. Isolated from other origins, a page's clock has steps of 5 µs instead of 100. */
const HEADERS = {
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
}

/** Serves `/<name>.html` for every page. WebSockets are for whoever takes `server`'s upgrades. */
export async function serve(pages) {
  const { outputFiles } = await build({
    entryPoints: pages.map((page) => fileURLToPath(new URL(`pages/${page}.js`, HERE))),
    alias: { tautline: process.env.TAUTLINE_PACKAGE || PACKAGE },
    outdir: '/',
    write: false,
    bundle: true,
    format: 'iife',
    target: 'es2022',
    legalComments: 'none',
  })
  const scripts = new Map(outputFiles.map(({ path, text }) => [/[^/\\]+$/.exec(path)[0], text]))
  const server = createServer((request, response) => {
    const name = request.url.slice(1)
    const script = scripts.get(name)
    const page = scripts.has(name.replace(/html$/, 'js'))
    const type = script ? 'text/javascript' : 'text/html'
    response.writeHead(script || page ? 200 : 404, { ...HEADERS, 'content-type': `${type}; charset=utf-8` })
    response.end(script ?? (page ? `<!doctype html><script src="/${name.replace(/html$/, 'js')}"></script>` : ''))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  return {
    server,
    url: (page) => `http://127.0.0.1:${port}/${page}.html`,
    socket: (path) => `ws://127.0.0.1:${port}${path}`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
