/** `useWebSocket` as components use it. */
import { useCallback, useEffect, useMemo, useState } from 'react'
import { useLatest } from '../latest.ts'
import { errorEvent } from '../../websocket/standard.ts'
import { linkTo, type Target } from './link.ts'
import { Mailbox } from './mailbox.ts'
import { type Options, queryOf, type UrlSource, type WebSocketMessage } from './options.ts'
import { ReadyState } from './state.ts'

/** What {@link useWebSocket} gives. Its functions are the same with every render. */
export interface WebSocketHook<T = unknown> {
  /** Sends. Without a connection it waits for one, unless `keep` is false: then it is dropped. */
  readonly sendMessage: (message: WebSocketMessage, keep?: boolean) => void
  /** Sends `JSON.stringify` of it. */
  readonly sendJsonMessage: <Message = unknown>(message: Message, keep?: boolean) => void
  /** The message to be rendered: each in turn, so that an effect of it sees every one. Null before the first. */
  readonly lastMessage: MessageEvent | null
  /** The same, parsed: `{}` if it is no JSON, null before the first and with `disableJson`. */
  readonly lastJsonMessage: T | null
  /** The connection. */
  readonly readyState: ReadyState
  /** The socket; null without one. Of a shared one not everything may be used. */
  readonly getWebSocket: () => WebSocket | null
}

const NOT_JSON: unknown = Object.freeze({})

/**
 * A connection of this component, or with `share` of all that ask for the same URL. It takes the place of the hook of react-use-websocket:
 * change the import. docs/react/websocket.md lists what differs.
 *
 * @param url where to; null for nowhere
 * @param options may be another object with every render. Those of the connection itself (`reconnectAttempts`, `reconnectInterval`, `heartbeat`)
 * are read when it is made
 * @param connect whether to be connected. Default true
 *
 * @example
 * const { sendJsonMessage, lastJsonMessage, readyState } = useWebSocket<Price>('wss://example.com/prices', { shouldReconnect: () => true })
 */
export function useWebSocket<T = unknown>(url: UrlSource | null, options: Options = {}, connect = true): WebSocketHook<T> {
  const { share = false, disableJson = false } = options
  const query = queryOf(options.queryParams)
  const protocols = [options.protocols ?? []].flat().join(',')
  const target = useMemo<Target | undefined>(
    () => (connect && url ? { url, query, protocols, share } : undefined),
    [connect, url, query, protocols, share],
  )
  const latest = useLatest(options)
  const [state, setState] = useState<{ readonly of: Target; readonly now: ReadyState }>()
  const [lastMessage, setLastMessage] = useState<MessageEvent | null>(null)
  const [mailbox] = useState(() => new Mailbox(setLastMessage, (what) => latest.current.onError?.(errorEvent(new Error(`useWebSocket: ${what}`)))))

  useEffect(() => {
    if (!target) return
    const link = linkTo(target)
    const end = link.subscribe({
      options: () => latest.current,
      state: (now) => setState((before) => (now === (before?.of === target ? before.now : ReadyState.CONNECTING) ? before : { of: target, now })),
      message: (event) => {
        const { onMessage, filter } = latest.current
        onMessage?.(event)
        if (!filter || filter(event)) mailbox.add(event)
      },
    })
    mailbox.connect(link)
    return () => {
      mailbox.connect(undefined)
      setLastMessage(null)
      end()
    }
  }, [target, latest, mailbox])
  // Rendered: the effects of this message ran, or run right after this one.
  useEffect(() => {
    if (lastMessage) mailbox.shown()
  }, [lastMessage, mailbox])

  const sendMessage = useCallback((message: WebSocketMessage, keep = true) => mailbox.send(message, keep), [mailbox])
  const sendJsonMessage = useCallback(
    <Message>(message: Message, keep = true) => sendMessage(JSON.stringify(message), keep),
    [sendMessage],
  )
  const getWebSocket = useCallback(() => mailbox.link?.exposed ?? null, [mailbox])
  const lastJsonMessage = useMemo(() => (disableJson ? null : parse<T>(lastMessage)), [disableJson, lastMessage])
  const readyState = !target ? ReadyState.UNINSTANTIATED : state?.of === target ? state.now : ReadyState.CONNECTING
  return { sendMessage, sendJsonMessage, lastMessage, lastJsonMessage, readyState, getWebSocket }
}

function parse<T>(message: MessageEvent | null): T | null {
  if (!message) return null
  try {
    return JSON.parse(String(message.data)) as T
  } catch {
    return NOT_JSON as T
  }
}
