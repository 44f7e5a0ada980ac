import { AppError } from '../core/app-error.ts'
import { isPlaceName, PLACE_NAME_REMEDY } from '../core/place-name.ts'
import type { Access } from '../core/principal.ts'
import { isSameRepository, matchesAnyRepository, matchesRepository, onlyRepository } from '../core/repository.ts'
import { parseSubject, type Subject } from '../core/subject.ts'
import type { WorkloadFacts, WorkloadIdentity } from '../core/workload-identity.ts'
import type { Link } from '../evidence/index.ts'
import type { DecisionContext } from './decision.ts'

/** What every request of a pipeline can have wrong with what it says about itself. */
export type RequestErrorCode = 'name_malformed' | 'context_too_large' | 'outside_confinement' | 'repository_missing'

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

/** What a request says about its change; what the asker's identity proves stands in the place of what was declared. */
export interface StatedFacts {
  /** Null if nobody said. */
  repository: string | null
  context: DecisionContext
  /** `repository` and the keys of the context that are proven, sorted. */
  verified: string[]
  /** The keys of the context that were only declared, sorted. */
  declared: string[]
  /** The keys of the context that the request gave another value than the proven one, which counts. */
  contradicted: string[]
  identity: WorkloadIdentity | null
}

/** Proven of the asker's run whatever it asks about. */
const OF_THE_RUN = ['actor', 'trigger', 'pipeline', 'execution', 'executionUrl'] as const
/** Proven of the asker's own repository; about another one they say nothing. */
const OF_THE_SOURCE = ['repository', 'commit', 'ref', 'baseRef'] as const

/**
 * The facts of a request: the repository is proven if the credential is confined to exactly one or the asker's identity names it, else as
 * declared, which must lie within the confinement.
 * @param link the source that the request declares for its subject
 * @throws {AppError} `outside_confinement`, or `name_malformed` for a name that is too long
 */
export function readFacts(access: Access, context: DecisionContext, subject: Subject, link: Link | undefined): StatedFacts {
  const { repository, proven } = readRepository(access, context, subject, link)
  const { identity } = access
  const facts = identity ? provenFacts(identity.facts, repository) : {}
  const verified = new Set([...(proven ? ['repository'] : []), ...Object.keys(facts)])
  return {
    repository,
    context: { ...context, ...facts },
    verified: [...verified].sort(),
    declared: Object.keys(context)
      .filter((key) => !verified.has(key))
      .sort(),
    contradicted: Object.entries(facts)
      .filter(([key, value]) => contradicts(key, context[key], value))
      .map(([key]) => key)
      .sort(),
    identity,
  }
}

function provenFacts(facts: Readonly<WorkloadFacts>, repository: string | null): WorkloadFacts {
  const keys = facts.repository !== undefined && facts.repository === repository ? [...OF_THE_RUN, ...OF_THE_SOURCE] : OF_THE_RUN
  return Object.fromEntries(keys.flatMap((key) => (facts[key] === undefined ? [] : [[key, facts[key]]])))
}

function contradicts(key: string, declared: unknown, proven: string): boolean {
  if (declared === undefined || declared === proven) return false
  return key !== 'repository' || typeof declared !== 'string' || !isSameRepository(declared, proven)
}

function readRepository(
  access: Access,
  context: DecisionContext,
  subject: Subject,
  link: Link | undefined,
): { repository: string | null; proven: boolean } {
  const { repositories } = access.confinement
  const own = access.identity?.facts.repository
  if (context.repository !== undefined) refuseLong(context.repository)
  const named = context.repository ?? (subject.kind === 'source' ? subject.repository : undefined)
  const stated = named !== undefined && own !== undefined && isSameRepository(named, own) ? own : named
  if (stated !== undefined && repositories && !matchesAnyRepository(repositories, stated)) {
    throw outside(context.repository === undefined ? 'body.subject' : 'body.context.repository', `repository "${stated}"`, repositories)
  }
  const only = onlyRepository(repositories)
  if (only !== undefined) return { repository: own !== undefined && matchesRepository(only, own) ? own : only, proven: true }
  const linked = link && parseSubject(link.to)
  const repository = stated ?? (linked?.kind === 'source' ? linked.repository : null)
  if (repository !== null || own === undefined) return { repository, proven: repository !== null && repository === own }
  const speaksForOwn = !repositories || matchesAnyRepository(repositories, own)
  return { repository: speaksForOwn ? own : null, proven: speaksForOwn }
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

/**
 * Refuses what names no repository by a credential that is confined to several: nobody but an unconfined reader could see it.
 * @param field where it could be named
 * @throws {AppError} `repository_missing`
 */
export function requireRepository({ confinement: { repositories } }: Access, field = 'body.context.repository'): void {
  if (!repositories) return
  throw new AppError<RequestErrorCode>(
    'repository_missing',
    'This token speaks for several repositories, and the request names none of them.',
    {
      field,
      remedy: `Name one of: ${repositories.slice(0, 10).join(', ')}.`,
    },
  )
}
