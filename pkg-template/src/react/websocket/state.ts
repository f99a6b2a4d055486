/** The numbers of `readyState`. */

/** What a connection is, as a number: the standard's, and -1 where there is none to be. */
export const ReadyState = {
  /** Without a URL, or with `connect` false. */
  UNINSTANTIATED: -1,
  CONNECTING: 0,
  OPEN: 1,
  CLOSING: 2,
  /** Also between two attempts. */
  CLOSED: 3,
} as const

/** One of {@link ReadyState}. */
export type ReadyState = (typeof ReadyState)[keyof typeof ReadyState]
