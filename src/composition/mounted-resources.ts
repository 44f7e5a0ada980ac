import type { Logger } from 'pino'

import { AppError, isAppError } from '../core/app-error.ts'
import { SCOPES, type Access } from '../core/principal.ts'
import { newId } from '../core/id.ts'
import type { SourceDocument } from '../governance/resources/documents.ts'
import type { ResourceDocument } from '../governance/resources/resource.ts'
import type { Resources } from '../governance/resources/resources.ts'
import { readContract } from '../http/contract/document.ts'
import { requestValidators } from '../http/contract/validation.ts'
import { parseJsonBody } from '../http/json-body.ts'
import { readResourceFiles } from './resource-files.ts'

/** The set that a mounted directory is. */
const MOUNTED = 'mounted'

/** The service itself, by the word of whoever operates it. */
const OPERATOR: Access = {
  principal: {
    ...{ id: 'system', name: 'system', kind: 'workload', disabled: false },
    ...{ groups: [], identities: [], createdBy: 'system' },
  },
  credential: { kind: 'token', id: 'system' },
  issuerIds: ['system'],
  person: null,
  identity: null,
  scopes: new Set(SCOPES),
  confinement: {},
  expiresAt: null,
}

/**
 * Applies the documents of a mounted directory, and removes what had one at an earlier start. All of it, or the service doesn't start.
 * @throws {AppError} whatever is wrong with a document, naming its file and line
 */
export async function applyMounted(
  resources: Pick<Resources, 'apply'>,
  { directory, commit, logger }: { directory: string; commit: string | undefined; logger: Logger },
): Promise<void> {
  const sources = readResourceFiles(directory)
  const request = { set: MOUNTED, commit: commit ?? null, prune: true, resources: namingFile(sources, () => readBody(sources)) }
  const outcome = await resources.apply(OPERATOR, request, newId()).catch((error: unknown) => namingFile(sources, () => fail(error)))
  if ('pending' in outcome) throw new TypeError('nobody is waited for at the start')
  const changes = outcome.report.changes.map(({ action, kind, name, drift }) => ({ action, kind, name, drift: drift !== null }))
  logger.info({ directory, commit, changes }, `applied ${directory}: ${changes.length} changed, ${outcome.report.unchanged} as they were`)
}

/** Checked as if they had been sent. */
function readBody(sources: readonly SourceDocument[]): ResourceDocument[] {
  const body = parseJsonBody(Buffer.from(JSON.stringify({ resources: sources.map(({ value }) => value) })))
  requestValidators(readContract(), []).get('putResources')?.body(body)
  return (body as { resources: ResourceDocument[] }).resources
}

function namingFile<Value>(sources: readonly SourceDocument[], work: () => Value): Value {
  try {
    return work()
  } catch (error) {
    if (!isAppError(error)) throw error
    const at = /^body\.resources\.(\d+)/.exec(error.field ?? '')?.[1]
    const source = at === undefined ? undefined : sources[Number(at)]
    if (!source) throw error
    throw new AppError(error.code, `${source.file}:${source.line}: ${error.message}`, {
      ...(error.remedy !== undefined && { remedy: error.remedy }),
      cause: error,
    })
  }
}

function fail(error: unknown): never {
  throw error
}
