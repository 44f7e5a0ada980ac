import type { EntryDraft } from '../../core/log-entry.ts'
import type { Review, ReviewClosing } from './review.ts'

/** How many reviews are open, and since when the oldest is (milliseconds since the epoch); null if none is. */
export interface OpenReviews {
  open: number
  oldestAt: number | null
}

/** Keeps how reviews ended; they are opened with their decision. */
export interface ReviewStore {
  /**
   * Closes a review in one transaction; resolves after the commit. The first closing counts.
   * @returns the review as it stands after that; `recorded` is false if it was closed before
   */
  close(record: { closing: ReviewClosing; entry: EntryDraft }): Promise<{ review: Review; recorded: boolean }>
  tally(): Promise<OpenReviews>
}
