/** Which decisions opened a review. What it is about stands in the decision's record, how it ended in that of its closing. */
export interface ReviewTable {
  /** Of the decision. */
  log_index: number
  state: 'open' | 'closed'
  /** RFC 3339 UTC. */
  opened_at: string
  /** Log index of the closing. */
  close_index: number | null
}
