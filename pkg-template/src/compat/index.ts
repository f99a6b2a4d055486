/**
 * The functions by which hand-written applications reach their one connection, on a client of Tautline. For moving step by step;
 * new code calls the client itself. In React: `tautline/react`.
 */
export { authenticateWebSocket, configureWebSocket, getWebSocketClient, webSocketToken } from './client.ts'
export { type RealtimeHandlers, type RealtimeManager, realtimeManager } from './manager.ts'
export { joinWebSocketRoom, leaveWebSocketRoom, notifyWebSocketTyping, sendWebSocketMessage } from './rooms.ts'
