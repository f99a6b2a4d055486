/** What a notification of this application says: somebody would like to be answered. */
export interface Nudge {
  readonly from: string
  readonly conversation: string
}
