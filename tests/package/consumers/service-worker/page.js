navigator.serviceWorker.addEventListener('message', ({ data }) => {
  document.body.dataset.heard = data
})
await navigator.serviceWorker.register('./worker.js', { type: 'module' })
const { active } = await navigator.serviceWorker.ready
active.postMessage(new URLSearchParams(location.search).get('relay'))
