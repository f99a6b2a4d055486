// An application as React developers write them: a provider made of props, and hooks below it.
import { StrictMode, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { type ConnectionOptions, TautlineProvider, useConnectionState, useRealtimeChat, useRealtimePresence, useRealtimeSync, useStats } from 'tautline/react'

interface Card {
  readonly id: string
  readonly text: string
}

const query = new URLSearchParams(location.search)
const name = query.get('name') ?? 'ann'
const user = { id: name, name }
const options: ConnectionOptions = {
  url: `ws://127.0.0.1:${query.get('port')}${query.get('path') ?? '/ws'}`,
  backoff: { minMs: 20, maxMs: 200, fastAttempts: 1_000 },
  ...(query.get('protocol') === 'json' && { protocol: 'json' as const }),
}

function App() {
  const [shown, show] = useState(true)
  return (
    <>
      <button onClick={() => show(!shown)}>toggle</button>
      <Status />
      {shown && <Chat />}
      {query.get('protocol') !== 'json' && <Board />}
    </>
  )
}

function Status() {
  const { status, cause } = useConnectionState()
  const { info } = useStats({ everyMs: 200 })
  return <p data-testid="status" data-cause={cause?.code} data-member={info.member}>{status}</p>
}

function Chat() {
  const { messages, sendMessage, members, typing, typingUsers, status } = useRealtimeChat('chat', user)
  return (
    <section data-testid="chat" data-status={status}>
      <ul>{messages.map(({ key, text, user, status }) => <li key={key}>{`${user.id}: ${text} (${status})`}</li>)}</ul>
      <p data-testid="members">{members.map(({ id }) => id).sort().join()}</p>
      <p data-testid="typing">{typingUsers.map(({ id }) => id).join()}</p>
      <input aria-label="text" onChange={() => typing()} onKeyDown={(event) => event.key === 'Enter' && void sendMessage(event.currentTarget.value)} />
    </section>
  )
}

function Board() {
  const { data, insert, update, remove, pending } = useRealtimeSync<Card>({ channel: 'board', resource: 'card' })
  const { onlineCount } = useRealtimePresence({ channel: 'board', user })
  return (
    <section data-testid="board" data-pending={pending} data-online={onlineCount}>
      <ol>{data.map(({ id, text }) => <li key={id}>{`${id} ${text}`}</li>)}</ol>
      <button onClick={() => void insert({ id: `${name}${data.length}`, text: 'new' })}>insert</button>
      <button onClick={() => data[0] && void update(data[0].id, { text: `by ${name}` })}>update</button>
      <button onClick={() => data[0] && void remove(data[0].id)}>remove</button>
    </section>
  )
}

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <TautlineProvider {...options}><App /></TautlineProvider>
    </StrictMode>,
  )
}
