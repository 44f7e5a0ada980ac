import { AppError } from '../core/app-error.ts'
import type { DecisionGround } from './decision.ts'

export type DecisionErrorCode = 'ground_revoked'

export const GROUND_REVOKED: DecisionErrorCode = 'ground_revoked'

/** Between judging and recording, something was taken back that the allow rests on. */
export function groundRevoked({ kind }: DecisionGround): AppError<DecisionErrorCode> {
  return new AppError(GROUND_REVOKED, `What this allow rests on, of kind ${kind}, was taken back while it was judged.`, {
    remedy: 'Ask again.',
  })
}
