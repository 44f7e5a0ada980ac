import { AppError } from '../core/app-error.ts'
import { isPlaceName, PLACE_NAME_REMEDY } from '../core/place-name.ts'
import type { Access } from '../core/principal.ts'
import { matchesAnyRepository, onlyRepository } from '../core/repository.ts'
import { parseSubject, type Subject } from '../core/subject.ts'
import type { Link } from '../evidence/index.ts'
import type { DecisionContext } from './decision.ts'

/** What every request of a pipeline can have wrong with what it says about itself. */
export type RequestErrorCode = 'name_malformed' | 'context_too_large' | 'outside_confinement'

const MAX_CONTEXT_CHARACTERS = 16_384
// A repository is part of index rows, which must stay short.
const MAX_REPOSITORY_BYTES = 1024

/** The name of a stage or an environment. @throws {AppError} `name_malformed` */
export function readName(name: string, field: string): string {
  if (isPlaceName(name)) return name
  throw new AppError<RequestErrorCode>('name_malformed', `"${name.slice(0, 80)}" is not a name of a stage or environment.`, {
    field,
    remedy: PLACE_NAME_REMEDY,
  })
}

/** What the pipeline declares. @throws {AppError} `context_too_large` */
export function readContext(context: DecisionContext): DecisionContext {
  if (JSON.stringify(context).length <= MAX_CONTEXT_CHARACTERS) return context
  throw new AppError<RequestErrorCode>('context_too_large', `The context is longer than ${MAX_CONTEXT_CHARACTERS} characters.`, {
    field: 'body.context',
    remedy: 'Keep to facts that lead back to the change; post documents as evidence.',
  })
}

/**
 * The repository that a request is about: proven if the token is confined to exactly one, else as declared, which must lie within the
 * confinement.
 * @param link the source that the request declares for its subject
 * @throws {AppError} `outside_confinement`, or `name_malformed` for a name that is too long
 */
export function readRepository(
  access: Access,
  context: DecisionContext,
  subject: Subject,
  link: Link | undefined,
): { repository: string | null; verified: string[] } {
  const { repositories } = access.confinement
  if (context.repository !== undefined) refuseLong(context.repository)
  const declared = context.repository ?? (subject.kind === 'source' ? subject.repository : undefined)
  if (declared !== undefined && repositories && !matchesAnyRepository(repositories, declared)) {
    throw outside(context.repository === undefined ? 'body.subject' : 'body.context.repository', `repository "${declared}"`, repositories)
  }
  const proven = onlyRepository(repositories)
  if (proven !== undefined) return { repository: proven, verified: ['repository'] }
  const linked = link && parseSubject(link.to)
  return { repository: declared ?? (linked?.kind === 'source' ? linked.repository : null), verified: [] }
}

function refuseLong(repository: string): void {
  if (Buffer.byteLength(repository) <= MAX_REPOSITORY_BYTES) return
  throw new AppError<RequestErrorCode>('name_malformed', `The repository is longer than ${MAX_REPOSITORY_BYTES} bytes.`, {
    field: 'body.context.repository',
    remedy: 'Name it as OWNER/REPO or HOST/OWNER/REPO.',
  })
}

/**
 * A name out of a list that a token is confined to; without a list any will do.
 * @throws {AppError} `outside_confinement`
 */
export function requireAmong(allowed: readonly string[] | undefined, name: string, field: string, what: string): void {
  if (allowed && !allowed.includes(name)) throw outside(field, what, allowed)
}

function outside(field: string, what: string, allowed: readonly string[]): AppError<RequestErrorCode> {
  return new AppError('outside_confinement', `This token may not speak about ${what}.`, {
    field,
    remedy: `It is confined to: ${allowed.slice(0, 10).join(', ')}.`,
  })
}
