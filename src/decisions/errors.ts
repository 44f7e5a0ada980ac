import { AppError } from '../core/app-error.ts'
import type { DecisionGround } from './decision.ts'

export type DecisionErrorCode = 'ground_revoked' | 'block_placed'

/** What makes a verdict out of date between judging and recording: it is judged again. */
export const OUT_OF_DATE: ReadonlySet<unknown> = new Set<DecisionErrorCode>(['ground_revoked', 'block_placed'])

/** Between judging and recording, something was taken back that the allow rests on. */
export function groundRevoked({ kind }: DecisionGround): AppError<DecisionErrorCode> {
  return new AppError('ground_revoked', `What this allow rests on, of kind ${kind}, was taken back while it was judged.`, {
    remedy: 'Ask again.',
  })
}

/** Between judging and recording, what is allowed was blocked. */
export function blockPlaced(): AppError<DecisionErrorCode> {
  return new AppError('block_placed', 'What this would allow was blocked while it was judged.', { remedy: 'Ask again.' })
}
