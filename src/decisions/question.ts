import { AppError } from '../core/app-error.ts'
import { isPlaceName, PLACE_NAME_REMEDY } from '../core/place-name.ts'
import type { Access } from '../core/principal.ts'
import { matchesAnyRepository, onlyRepository } from '../core/repository.ts'
import { parseSubject, type Subject } from '../core/subject.ts'
import { parseInstant } from '../core/time.ts'
import { declareSource, type Link } from '../evidence/index.ts'
import type { DecisionContext, DecisionRequest } from './decision.ts'

export type QuestionErrorCode = 'name_malformed' | 'at_needs_dry_run' | 'at_malformed' | 'context_too_large' | 'outside_confinement'

/** A request that has been read and checked: everything that the decision is about. */
export interface Question {
  subject: Subject
  stage: string
  environment: string
  /** Proven by confinement, else declared in the context or by the source; null if nobody said. */
  repository: string | null
  /** What of the request is proven by the asker's token. */
  verified: string[]
  /** The link that the asker declares with `source`. */
  declaredLink: Link | undefined
  /** Milliseconds since the epoch. */
  at: number
  /** True if `at` was chosen by the asker (dry runs only). */
  atChosen: boolean
  dryRun: boolean
  context: DecisionContext
}

const MAX_CONTEXT_CHARACTERS = 16_384

/**
 * Reads a request against what its asker may ask.
 * @param now milliseconds since the epoch
 * @throws {AppError} for a malformed subject, name, time or source, and for a question outside the asker's confinement
 */
export function readQuestion(access: Access, request: DecisionRequest, now: number): Question {
  const subject = parseSubject(request.subject, 'body.subject')
  const stage = readName(request.stage, 'body.stage')
  const environment = readName(request.environment ?? request.stage, 'body.environment')
  const dryRun = request.dryRun === true
  const context = readContext(request.context ?? {})
  const declaredLink = request.source === undefined ? undefined : declareSource(access, subject, request.source, 'body.source', now)
  const { repository, verified } = readRepository(access, context, subject, declaredLink)
  const { stages, environments } = access.confinement
  if (stages && !stages.includes(stage)) throw outside('body.stage', `stage "${stage}"`, stages)
  if (environments && !environments.includes(environment)) throw outside('body.environment', `environment "${environment}"`, environments)
  return {
    subject,
    stage,
    environment,
    repository,
    verified,
    declaredLink,
    at: readTime(request, now),
    atChosen: request.at !== undefined,
    dryRun,
    context,
  }
}

function readName(name: string, field: string): string {
  if (isPlaceName(name)) return name
  throw new AppError<QuestionErrorCode>('name_malformed', `"${name.slice(0, 80)}" is not a name of a stage or environment.`, {
    field,
    remedy: PLACE_NAME_REMEDY,
  })
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

function readContext(context: DecisionContext): DecisionContext {
  if (JSON.stringify(context).length <= MAX_CONTEXT_CHARACTERS) return context
  throw new AppError<QuestionErrorCode>('context_too_large', `The context is longer than ${MAX_CONTEXT_CHARACTERS} characters.`, {
    field: 'body.context',
    remedy: 'Keep to facts that lead back to the change; post documents as evidence.',
  })
}

function readRepository(
  access: Access,
  context: DecisionContext,
  subject: Subject,
  link: Link | undefined,
): { repository: string | null; verified: string[] } {
  const { repositories } = access.confinement
  const declared = context.repository ?? (subject.kind === 'source' ? subject.repository : undefined)
  if (declared !== undefined && repositories && !matchesAnyRepository(repositories, declared)) {
    throw outside(context.repository === undefined ? 'body.subject' : 'body.context.repository', `repository "${declared}"`, repositories)
  }
  const proven = onlyRepository(repositories)
  if (proven !== undefined) return { repository: proven, verified: ['repository'] }
  const linked = link && parseSubject(link.to)
  return { repository: declared ?? (linked?.kind === 'source' ? linked.repository : null), verified: [] }
}

function outside(field: string, what: string, allowed: readonly string[]): AppError<QuestionErrorCode> {
  return new AppError('outside_confinement', `This token may not ask about ${what}.`, {
    field,
    remedy: `It is confined to: ${allowed.slice(0, 10).join(', ')}.`,
  })
}
