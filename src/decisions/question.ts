import { AppError } from '../core/app-error.ts'
import { isSamePlace } from '../core/place-name.ts'
import type { Access } from '../core/principal.ts'
import { parseSubject, type Subject } from '../core/subject.ts'
import { parseInstant } from '../core/time.ts'
import { declareSource, type Link } from '../evidence/index.ts'
import { readBreakGlass, type AskedBreakGlass } from './break-glass/read-break-glass.ts'
import { readContext, readFacts, readName, requireAmong, requireRepository, type StatedFacts } from './confined-request.ts'
import type { DecisionRequest } from './decision.ts'
import { ROLLBACK_STAGE } from './rollback/stage.ts'

export type QuestionErrorCode = 'at_needs_dry_run' | 'at_malformed' | 'environment_missing'

/** A request that has been read and checked: everything that the decision is about. */
export interface Question extends StatedFacts {
  subject: Subject
  stage: string
  environment: string
  /** The link that the asker declares with `source`. */
  declaredLink: Link | undefined
  /** Milliseconds since the epoch. */
  at: number
  /** True if `at` was chosen by the asker (dry runs only). */
  atChosen: boolean
  dryRun: boolean
  /** Somebody wants to pass whatever policies say, where these permit it. */
  breakGlass: AskedBreakGlass | null
}

/**
 * Reads a request against what its asker may ask.
 * @param now milliseconds since the epoch
 * @throws {AppError} for a malformed subject, name, time, source or reason, for a question outside the asker's confinement, and `scope_missing` for who
 *   may not break the glass
 */
export function readQuestion(access: Access, request: DecisionRequest, now: number): Question {
  const breakGlass = readBreakGlass(access, request.breakGlass)
  const subject = parseSubject(request.subject, 'body.subject')
  const stage = readName(request.stage, 'body.stage')
  const environment = readEnvironment(request)
  const dryRun = request.dryRun === true
  const context = readContext(request.context ?? {})
  const declaredLink = request.source === undefined ? undefined : declareSource(access, subject, request.source, 'body.source', now)
  const facts = readFacts(access, context, subject, declaredLink)
  if (isRollback(stage) && facts.repository === null) requireRepository(access)
  const { stages, environments } = access.confinement
  requireAmong(stages, stage, 'body.stage', `stage "${stage}"`)
  requireAmong(environments, environment, 'body.environment', `environment "${environment}"`)
  return {
    subject,
    stage,
    environment,
    ...facts,
    declaredLink,
    at: readTime(request, now),
    atChosen: request.at !== undefined,
    dryRun,
    breakGlass,
  }
}

/** It defaults to the stage's name, but no environment is called like the way back into it. */
function readEnvironment({ environment, stage }: DecisionRequest): string {
  if (environment !== undefined) return readName(environment, 'body.environment')
  if (!isRollback(stage)) return readName(stage, 'body.environment')
  throw new AppError<QuestionErrorCode>('environment_missing', 'A rollback is a rollback of an environment, and the request names none.', {
    field: 'body.environment',
    remedy: 'Name the environment that is rolled back, such as "environment": "production".',
  })
}

function isRollback(stage: string): boolean {
  return isSamePlace(stage, ROLLBACK_STAGE)
}

function readTime(request: DecisionRequest, now: number): number {
  if (request.at === undefined) return now
  if (request.dryRun !== true) {
    throw new AppError<QuestionErrorCode>('at_needs_dry_run', 'Only a dry run can be asked about another time.', {
      field: 'body.at',
      remedy: 'Add "dryRun": true, or leave out "at".',
    })
  }
  const at = parseInstant(request.at)
  if (at !== undefined) return at
  throw new AppError<QuestionErrorCode>('at_malformed', 'The time is not RFC 3339 with an offset.', {
    field: 'body.at',
    remedy: 'Write it like 2026-11-21T09:30:00Z.',
  })
}
