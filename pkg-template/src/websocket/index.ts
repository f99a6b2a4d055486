/**
 * A WebSocket that comes back: the browser's interface, over as many connections as it takes. The core that decides is a
 * WebAssembly of its own, smaller than that of `tautline`.
 */
export type { Message, ProtocolsProvider, SocketHeartbeat, TautlineSocketOptions, UrlProvider, WebSocketConstructor } from './options.ts'
export { type DropEvent, TautlineSocket, type TautlineSocketEventMap } from './socket.ts'
// The names under which the packages that it stands in for are imported.
export { TautlineSocket as default, TautlineSocket as WebSocket } from './socket.ts'
export type { TautlineSocketOptions as Options } from './options.ts'
