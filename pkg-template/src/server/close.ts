/** The close codes of Tautline's protocol, for servers and logs that meet them. docs/PROTOCOL.md, section 6, is the list. */

/** Every close code that Tautline gives a meaning of its own, by name. */
export const closeCodes = {
  /** From the client: the peer seemed dead, and the connection was abandoned. */
  abandoned: 4000,
  /** From the client: the server broke the protocol. */
  serverBrokeProtocol: 4002,
  /** The client broke the protocol. */
  clientBrokeProtocol: 4400,
  /** Not, or no longer, authenticated. */
  unauthenticated: 4401,
  /** This user or origin may not connect. */
  forbidden: 4403,
  /** No `hello` in time. */
  handshakeTimeout: 4408,
  /** The client seemed dead, or a newer connection of its session replaced it. */
  dead: 4409,
  /** Too many connections or frames, or read too slowly. */
  tooMany: 4429,
} as const

/** One of {@link closeCodes}. */
export type CloseCode = (typeof closeCodes)[keyof typeof closeCodes]
