import { AppError } from '../../core/app-error.ts'

export type WorkloadErrorCode = 'identity_unknown' | 'identity_refused'

const LONGEST_CLAIMED = 200

/** A genuine token whose holder is nobody here, or may not come in. No sentence quotes the token. */
export class WorkloadError extends AppError<WorkloadErrorCode> {
  /** Name of the issuer. */
  readonly issuer: string
  /** The `sub` claim, for the log of refused logins. Strangers choose it, so it goes beside the leaf. */
  readonly claimed: string

  constructor(code: WorkloadErrorCode, message: string, remedy: string, { issuer, subject }: { issuer: string; subject: string }) {
    super(code, message, { field: 'header.Authorization', remedy })
    this.issuer = issuer
    this.claimed = subject.slice(0, LONGEST_CLAIMED).toWellFormed()
  }
}
