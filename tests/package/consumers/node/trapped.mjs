// Imports what it is told to, with everything trapped that a module could start.
const specifier = process.argv[2]
const touched = []
const trap = (owner, name) => {
  const real = owner[name]
  if (real === undefined) return
  const report = () => touched.push(name)
  owner[name] = new Proxy(real, {
    apply: (target, self, args) => (report(), Reflect.apply(target, self, args)),
    construct: (target, args) => (report(), Reflect.construct(target, args)),
  })
}
for (const name of ['Module', 'Instance', 'Memory', 'compile', 'instantiate', 'compileStreaming', 'instantiateStreaming', 'validate']) {
  trap(WebAssembly, name)
}
class Absent {
  constructor() {
    touched.push(new.target.name)
  }
}
globalThis.WebSocket = class WebSocket extends Absent {}
globalThis.Worker = class Worker extends Absent {}
globalThis.indexedDB = new Proxy({}, { get: (_, key) => (touched.push(`indexedDB.${String(key)}`), undefined) })
for (const name of ['fetch', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'atob', 'BroadcastChannel', 'addEventListener']) {
  trap(globalThis, name)
}
await import(specifier)
if (touched.length > 0) throw new Error(`importing ${specifier} used ${[...new Set(touched)].join(', ')}`)
