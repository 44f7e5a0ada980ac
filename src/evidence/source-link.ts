import { AppError } from '../core/app-error.ts'
import type { Access } from '../core/principal.ts'
import { matchesAnyRepository } from '../core/repository.ts'
import { parseSubject, type Subject } from '../core/subject.ts'
import { formatInstant } from '../core/time.ts'
import type { Link } from './evidence.ts'

export type SourceErrorCode = 'source_malformed' | 'linking_forbidden' | 'outside_confinement'

/**
 * A declared link from an artifact to the source revision it was built from. Like an observation it belongs to the repositories that
 * its declarer is confined to.
 * @throws {AppError} unless the asker may declare links, `source` is a source revision and lies within its confinement
 */
export function declareSource(access: Access, subject: Subject, source: string, field: string, now: number): Link | undefined {
  if (!access.scopes.has('subjects:link')) {
    throw new AppError<SourceErrorCode>('linking_forbidden', 'This token may not declare which source an artifact came from.', {
      field,
      remedy: 'Use a token with the scope subjects:link, or leave the source out.',
    })
  }
  const parsed = parseSubject(source, field)
  if (parsed.kind !== 'source') {
    throw new AppError<SourceErrorCode>('source_malformed', 'The source is not a source revision.', {
      field,
      remedy: 'Write it as git+https://HOST/REPO@SHA with the full commit.',
    })
  }
  const { repositories } = access.confinement
  if (repositories && !matchesAnyRepository(repositories, parsed.repository)) {
    throw new AppError<SourceErrorCode>('outside_confinement', `This token may not speak about source "${parsed.repository}".`, {
      field,
      remedy: `It is confined to: ${repositories.slice(0, 10).join(', ')}.`,
    })
  }
  if (parsed.id === subject.id) return undefined
  return {
    from: subject.id,
    to: parsed.id,
    kind: 'source',
    proof: 'declared',
    platform: null,
    declaredBy: access.principal.name,
    declarerGroups: access.principal.groups,
    repositories: repositories ?? null,
    at: formatInstant(now),
  }
}
