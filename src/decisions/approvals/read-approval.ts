import { AppError } from '../../core/app-error.ts'
import { isFreeText } from '../../core/free-text.ts'
import type { Access } from '../../core/principal.ts'
import { parseSubject } from '../../core/subject.ts'
import { parseInstant } from '../../core/time.ts'
import type { ApprovalPlace } from '../../governance/approvals/approval.ts'
import { textInvalid, timeInvalid } from '../../governance/approvals/errors.ts'
import { readFacts, readName, requireAmong } from '../confined-request.ts'

/** An approval, or the request for one, as it is asked for. */
export interface ApprovalDraft {
  subject: string
  stage: string
  /** Defaults to the stage's name. */
  environment?: string
  /** Without it, it is that of the subject or of the confinement, else any. */
  repository?: string
  comment?: string
  /** RFC 3339. */
  expiresAt?: string
  action?: 'approve' | 'request'
}

const MAX_TEXT = 2000
const DAY_MS = 24 * 60 * 60 * 1000
const DEFAULT_DAYS = 7
const MAX_DAYS = 30

/**
 * What an approval is for, against what its giver may speak about: repository, stage and environment.
 * @throws {AppError} for a malformed subject or name, and `outside_confinement` or `repository_missing`
 */
export function readPlace(access: Access, draft: ApprovalDraft): ApprovalPlace {
  const subject = parseSubject(draft.subject, 'body.subject')
  const stage = readName(draft.stage, 'body.stage')
  const environment = readName(draft.environment ?? draft.stage, 'body.environment')
  const { repositories, stages, environments } = access.confinement
  const { repository } = readFacts(access, draft.repository === undefined ? {} : { repository: draft.repository }, subject, undefined)
  if (repository === null && repositories) throw repositoryMissing(repositories)
  requireAmong(stages, stage, 'body.stage', `stage "${stage}"`)
  requireAmong(environments, environment, 'body.environment', `environment "${environment}"`)
  return { subject: subject.id, stage, environment, repository }
}

/** When it ends, in milliseconds since the epoch. @throws {AppError} `approval_time_invalid` */
export function readExpiry(text: string | undefined, now: number): number {
  if (text === undefined) return now + DEFAULT_DAYS * DAY_MS
  const at = parseInstant(text)
  if (at !== undefined && at > now && at <= now + MAX_DAYS * DAY_MS) return at
  throw timeInvalid(MAX_DAYS)
}

/** @throws {AppError} `approval_text_invalid` */
export function readComment(text: string | undefined): string | null {
  if (text === undefined) return null
  if (isFreeText(text, MAX_TEXT)) return text
  throw textInvalid('comment', MAX_TEXT)
}

/** @throws {AppError} `approval_text_invalid` */
export function readReason(text: string): string {
  if (isFreeText(text, MAX_TEXT)) return text
  throw textInvalid('reason', MAX_TEXT)
}

/** One of several repositories has to be named: an approval for any would reach beyond the confinement. */
function repositoryMissing(allowed: readonly string[]): AppError {
  return new AppError('repository_missing', 'This token speaks for several repositories, and the request names none of them.', {
    field: 'body.repository',
    remedy: `Name one of: ${allowed.slice(0, 10).join(', ')}.`,
  })
}
