/** Extra facts that help the caller of an operation to repair what went wrong. */
export interface ErrorHints {
  /** The offending field or parameter, as the caller spelled it (`body.stage`, `query.subject`). */
  field?: string
  /** One sentence: what to do about it. */
  remedy?: string
  /** When the same request may succeed, in whole seconds from now. */
  retryAfterSeconds?: number
  /** The internal cause; logged, never shown to a caller. */
  cause?: unknown
}

/**
 * A failure with a stable code and a sentence that may be shown to the caller.
 * It never carries an HTTP status: `http/problem.ts` is the only place that maps codes to statuses.
 */
export class AppError<Code extends string = string> extends Error {
  override readonly name = 'AppError'
  readonly code: Code
  readonly field: string | undefined
  readonly remedy: string | undefined
  readonly retryAfterSeconds: number | undefined

  constructor(code: Code, message: string, hints: ErrorHints = {}) {
    super(message, { cause: hints.cause })
    this.code = code
    this.field = hints.field
    this.remedy = hints.remedy
    this.retryAfterSeconds = hints.retryAfterSeconds
  }
}

/** True if the thrown value is a failure with a code; unlike a bare `instanceof` it leaves the code typed as text. */
export function isAppError(error: unknown): error is AppError {
  return error instanceof AppError
}
